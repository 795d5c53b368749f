"""A prompt variant: a template, and for each rule whether it is spoken, mute, or put in other words.

A muted rule is still checked: so people learn which sentences earn their place. Variants are files::

    name: terse
    template: train/model.md.j2    # of the library; the contract's own when left out
    rules:
      short: mute
      seeded: Every source of chance gets the seed.

A file that is no YAML is a template itself: Jinja where it ends in `.j2`, else one with `{placeholders}`.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from workbench import rules
from workbench.nouns import PromptError, Rule

MUTE = "mute"
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Variant:
    """One way to ask.

    Attributes
    ----------
    text : str
        The template itself; empty where one of the library is used.
    template : str
        Its path in the library; empty for the contract's own.
    style : {"jinja", "braces"}
        How `text` is filled.
    rules : mapping of str to str
        By rule id: `mute`, or the sentence to speak instead.
    """

    name: str
    text: str = ""
    template: str = ""
    style: Literal["jinja", "braces"] = "jinja"
    rules: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = rules.rules()
        unknown = [r for r in self.rules if r not in known]
        if unknown:
            near = difflib.get_close_matches(unknown[0], known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
            raise PromptError(f"the variant {self.name!r} speaks of a rule {unknown[0]!r}; {hint}")

    @property
    def digest(self) -> str:
        """SHA-256 of everything but the name, the first 12 hexadecimal digits: the variant's version."""
        content = {"text": self.text, "template": self.template, "style": self.style, "rules": dict(self.rules)}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def sentence(self, rule: Rule, contract: str) -> str | None:
        """What it says for a rule, None where it is mute."""
        said = self.rules.get(rule.id)
        if said == MUTE:
            return None
        return said or rule.sentence(contract) or None


def read_variant(path: str | Path) -> Variant:
    """A variant from a file.

    Raises
    ------
    PromptError
        If it cannot be read, or says something that a variant has not.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PromptError(f"{path} has {path.stat().st_size:,} bytes; a template has at most {MAX_BYTES:,}")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise PromptError(f"cannot read the prompt variant {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PromptError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    if path.suffix not in (".yaml", ".yml"):
        style: Literal["jinja", "braces"] = "jinja" if path.suffix == ".j2" else "braces"
        return Variant(path.name.removesuffix(path.suffix), text=text, style=style)
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise PromptError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise PromptError(f"{path} holds no variant; it has keys such as name, template, text, style and rules")
    wrong = set(data) - {"name", "template", "text", "style", "rules"}
    if wrong:
        raise PromptError(
            f"{path}: a variant has no {min(map(str, wrong))!r}; it has name, template, text, style, rules"
        )
    chosen = data.get("style", "jinja")
    if chosen not in ("jinja", "braces"):
        raise PromptError(f"{path}: the style is {chosen!r}; it must be jinja or braces")
    spoken = data.get("rules") or {}
    if not isinstance(spoken, dict) or not all(isinstance(v, str) for v in spoken.values()):
        raise PromptError(f"{path}: rules must say `mute` or a sentence for each rule id")
    return Variant(
        name=str(data.get("name") or path.stem),
        text=str(data.get("text") or ""),
        template=str(data.get("template") or ""),
        style=chosen,
        rules={str(k): str(v) for k, v in spoken.items()},
    )


def write_variant(variant: Variant, folder: str | Path) -> Path:
    """Keep a variant as `NAME-DIGEST.yaml`: the same content gives the same file.

    Raises
    ------
    PromptError
        If it cannot be written.
    """
    plain = "".join(c if c.isalnum() or c in "-_" else "-" for c in variant.name) or "variant"
    path = Path(folder) / f"{plain}-{variant.digest}.yaml"
    content = {"name": variant.name, "template": variant.template, "text": variant.text, "style": variant.style}
    data = {k: v for k, v in content.items() if v and (k, v) != ("style", "jinja")} | {"rules": dict(variant.rules)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except OSError as error:
        raise PromptError(f"cannot write the prompt variant {path}: {error.strerror}") from error
    return path


def find_variants(folder: str | Path) -> tuple[Variant, ...]:
    """Every variant of a folder, by name; files that are none are passed over."""
    found = []
    for path in sorted(Path(folder).glob("*.y*ml")):
        try:
            found.append(read_variant(path))
        except PromptError:
            continue
    return tuple(sorted(found, key=lambda v: (v.name, v.digest)))


def compare(first: str, second: str, names: tuple[str, str] = ("first", "second")) -> str:
    """Two filled prompts (or templates) as a unified diff; empty where they are equal."""
    lines = difflib.unified_diff(first.splitlines(), second.splitlines(), *names, lineterm="")
    return "\n".join(lines)
