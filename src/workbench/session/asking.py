"""How the model is asked: the variant of the prompt in force, those kept in a folder, and what differs between two."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import traitlets

from workbench import prompts, rules
from workbench.nouns import Job, Prompt, PromptError
from workbench.prompts.variant import MUTE


@dataclasses.dataclass(frozen=True)
class SpokenRule:
    """One rule of the job at hand, and what the prompt says of it.

    `own` is the rule's own sentence, `sentence` the one in force (the own one while it is muted), `heard` whether the
    filled prompt has it: a template of one's own may leave whole groups out.
    """

    id: str
    group: str
    level: str
    state: Literal["spoken", "muted", "reworded"]
    own: str
    sentence: str
    heard: bool


class Asking(traitlets.HasTraits):
    """The part of a session that decides how the prompt is worded."""

    contract = traitlets.Unicode("model")
    variant = traitlets.Instance(prompts.Variant, allow_none=True, default_value=None)
    prompt = traitlets.Instance(Prompt, allow_none=True, default_value=None)

    prompts_folder: Path
    """Where variants are kept."""

    def job(self) -> Job:
        """What is asked, as one value."""
        raise NotImplementedError

    def mute(self, *rule_ids: str) -> None:
        """Leave the sentences of these rules out of the prompt; they are checked all the same."""
        self.reword(dict.fromkeys(rule_ids, MUTE))

    def reword(self, words: Mapping[str, str]) -> None:
        """Put rules in other words in the prompt, by id; an empty sentence brings the rule's own back.

        Raises
        ------
        PromptError
            If there is no such rule.
        """
        before = self.variant or prompts.Variant("edited")
        said = {**before.rules, **{k: " ".join(v.split()) for k, v in words.items()}}
        known = rules.rules()
        kept = {k: v for k, v in said.items() if v and not (k in known and v == known[k].sentence(self.contract))}
        self._put(dataclasses.replace(before, rules=kept))

    def spoken_rules(self) -> tuple[SpokenRule, ...]:
        """Every rule that has a sentence for the job at hand (for the contract, while there is no job)."""
        try:
            job: Job | None = self.job()
        except Exception:  # no data, no space: the contract alone says which rules there are
            job = None
        said = self.variant.rules if self.variant is not None else {}
        heard = {s.name.removeprefix("rule:") for s in self.prompt.spans} if self.prompt is not None else None
        found = []
        for rule in rules.rules().values():
            own = rule.sentence(self.contract)
            level = rule.level_for(self.contract)
            if not own or level is None or (job is not None and not rule.holds_for(job)):
                continue
            words = said.get(rule.id)
            state: Literal["spoken", "muted", "reworded"] = "spoken" if words is None else "reworded"
            if words == MUTE:
                state, words = "muted", None
            is_heard = state != "muted" if heard is None else rule.id in heard
            found.append(SpokenRule(rule.id, rule.group, level, state, own, words or own, is_heard))
        return tuple(found)

    def use_variant(self, variant: prompts.Variant | str | Path | None) -> prompts.Variant | None:
        """Ask in another way: a variant, its file, a template of one's own, or None for the library's words.

        Raises
        ------
        PromptError
            If it cannot be read, or not be filled for the job at hand; the one before stays in force.
        """
        found = prompts.read_variant(variant) if isinstance(variant, str | Path) else variant
        if self.prompt is not None:  # there is a job: whether it can be filled is known only by filling it
            prompts.render(self.job(), found)
        self.variant = found
        return found

    def edit_template(self, text: str) -> None:
        """Ask with this text as the template, in the style of the variant in force.

        Raises
        ------
        PromptError
            If it is empty or cannot be filled; the one before stays in force.
        """
        if not text.strip():
            raise PromptError("the template is empty; write one, or go back to the library's")
        before = self.variant or prompts.Variant("edited")
        self.use_variant(dataclasses.replace(before, text=text))

    def own_template(self) -> None:
        """Make the library's template one's own, in one piece, to be edited."""
        before = self.variant or prompts.Variant("edited")
        text = prompts.whole_template(self.contract)
        self._put(dataclasses.replace(before, text=text, template="", style="jinja"))

    def _put(self, variant: prompts.Variant) -> None:
        """A variant that says nothing of its own is none."""
        plain = not variant.text and not variant.template and not variant.rules
        self.variant = None if plain and variant.name == "edited" else variant

    def save_variant(self, name: str, folder: str | Path | None = None) -> Path:
        """Keep the variant in force in the prompts folder, under this name and its digest; gives the file.

        Raises
        ------
        PromptError
            If it has no name, there is nothing to keep, or it cannot be written.
        """
        if not name.strip():
            raise PromptError("a variant is found again by its name; give it one, such as 'terse'")
        if self.variant is None:
            raise PromptError("the prompt speaks in the library's own words; mute or reword a rule, or load a template")
        named = dataclasses.replace(self.variant, name=name.strip())
        path = prompts.write_variant(named, folder if folder is not None else self.prompts_folder)
        self.variant = named
        return path

    def variants(self) -> tuple[prompts.Variant, ...]:
        """The variants of the prompts folder, by name."""
        return prompts.find_variants(self.prompts_folder)

    def filled(self, variant: prompts.Variant | str | Path | None = None) -> Prompt:
        """The prompt as another variant would ask it, None for the library's words; nothing changes.

        Raises
        ------
        WorkbenchError
            If there is no job yet, or the variant cannot be read or filled.
        """
        found = prompts.read_variant(variant) if isinstance(variant, str | Path) else variant
        return prompts.render(self.job(), found)

    def compare_prompt(self, variant: prompts.Variant | str | Path | None = None) -> str:
        """What the prompt in force has otherwise than a variant (None: the library's words), as a unified diff.

        Raises
        ------
        WorkbenchError
            As `filled`.
        """
        other = self.filled(variant)
        now = self.filled(self.variant)
        return prompts.compare(other.text, now.text, (other.template, now.template))
