"""A space as text that can be kept: Python, JSON, YAML."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workbench.nouns import Space, SpaceError
from workbench.space.priors import parse_prior
from workbench.space.problems import check
from workbench.space.values import parse_number


def to_json(space: Space) -> str:
    """The space as JSON; what a row does not use is left out. `from_json` is its inverse."""
    return json.dumps(_compact(space), indent=2, ensure_ascii=False)


def from_json(text: str) -> Space:
    """A space from `to_json`, or from the JSON that ConfigSpace writes.

    Raises
    ------
    SpaceError
        If the text is not JSON, not a space, or a space that is not valid.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SpaceError(f"this is not JSON ({error}); to_json writes what can be read") from error
    return _checked(from_data(data))


def to_yaml(space: Space) -> str:
    """The space as YAML; `from_yaml` is its inverse."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: Dumper, value: str) -> yaml.ScalarNode:
        # the plain and the single quoted style fold Unicode's own line ends into spaces
        style = '"' if any(end in value for end in "\x85\u2028\u2029") else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Dumper.add_representer(str, text)
    return yaml.dump(_compact(space), Dumper=Dumper, sort_keys=False, allow_unicode=True)


def to_configspace_json(space: Space) -> str:
    """The space as the JSON that ConfigSpace writes and reads; `from_json` reads it, too."""
    from workbench.space.convert import to_configspace

    return json.dumps(to_configspace(space).to_serialized_dict(), indent=2, default=_plain)


def to_configspace_yaml(space: Space) -> str:
    """The space as the YAML that ConfigSpace writes and reads; `from_yaml` reads it, too."""
    import yaml

    return yaml.safe_dump(json.loads(to_configspace_json(space)), sort_keys=False, allow_unicode=True)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else list(value)


def from_yaml(text: str) -> Space:
    """A space from `to_yaml`; see `from_json`."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SpaceError(
            f"this is not YAML ({' '.join(str(error).split())}); to_yaml writes what can be read"
        ) from error
    return _checked(from_data(data))


def _compact(space: Space) -> dict[str, Any]:
    data = space.to_dict()
    rows = [
        {k: v for k, v in row.items() if (v not in (None, []) and v is not False) or (k == "default" and v is not None)}
        for row in data["hyperparameters"]
    ]
    return {
        **({"name": space.name} if space.name else {}),
        "hyperparameters": rows,
        **{k: data[k] for k in ("conditions", "forbidden") if data[k]},
    }


def _checked(space: Space) -> Space:
    check(space)
    return space


def from_data(data: Any) -> Space:
    """A space from what JSON or YAML gave; whether it is valid is for `problems` to say.

    Raises
    ------
    SpaceError
        If it is not the data of a space.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("hyperparameters"), list):
        raise SpaceError("this is not a space: it needs a list named hyperparameters; to_json writes what can be read")
    if "format_version" in data:
        return _from_configspace_json(data)
    for position, row in enumerate(data["hyperparameters"]):
        if not isinstance(row, Mapping) or not isinstance(row.get("name"), str) or not isinstance(row.get("kind"), str):
            raise SpaceError(f"row {position + 1} of the hyperparameters is {row!r}; it needs a name and a kind")
    try:
        rows = [_row(row) for row in data["hyperparameters"]]
        space = Space.from_dict({**data, "name": data.get("name") or "", "hyperparameters": rows})
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, SpaceError):
            raise
        raise SpaceError(
            f"this is not a space ({type(error).__name__}: {error}); to_json writes what can be read"
        ) from error
    return space


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row whose numbers are numbers: YAML reads 1e-5, without a point, as text."""
    made = dict(row)
    if row["kind"] in ("integer", "float"):
        for field in ("low", "high", "default"):
            if isinstance(made.get(field), str):
                made[field] = parse_number(made[field], row["kind"])
            if row["kind"] == "float" and isinstance(made.get(field), int) and not isinstance(made[field], bool):
                made[field] = float(made[field])
    if isinstance(made.get("prior"), str):  # as a table shows it: normal(0.1, 0.05)
        prior = parse_prior(made["prior"])
        made["prior"] = [prior.kind, prior.first, prior.second] if prior is not None else None
    elif made.get("prior"):
        kind, *numbers = made["prior"]
        made["prior"] = [kind, *(float(parse_number(str(n), "float")) for n in numbers)]
    return made


def _from_configspace_json(data: Mapping[str, Any]) -> Space:
    from ConfigSpace import ConfigurationSpace

    from workbench.space.convert import from_configspace

    try:
        made = ConfigurationSpace.from_serialized_dict(dict(data))
    except Exception as error:  # ConfigSpace raises whatever its decoders happen to meet
        raise SpaceError(f"ConfigSpace cannot read this space ({type(error).__name__}: {error})") from error
    return from_configspace(made)


def to_python(space: Space) -> str:
    """Code that builds the same ConfigSpace under the name `space`."""
    from workbench.space.convert import to_configspace

    return _Script(to_configspace(space)).text()


class _Script:
    """The code for a ConfigSpace; it remembers what must be imported."""

    def __init__(self, made: Any) -> None:
        self.made = made
        self.used = {"ConfigurationSpace"}

    def text(self) -> str:
        made = self.made
        rows = [self.hyperparameter(made[name]) for name in made]
        rest = [self.condition(c) for c in made.conditions] + [self.forbidden(f) for f in made.forbidden_clauses]
        blocks = [f"space = ConfigurationSpace({f'name={made.name!r}' if made.name else ''})"]
        blocks += [self.add(part) for part in (rows, rest) if part]
        names = "".join(f"    {name},\n" for name in sorted(self.used))
        return f"from ConfigSpace import (\n{names})\n\n" + "\n".join(blocks) + "\n"

    @staticmethod
    def add(parts: list[str]) -> str:
        return "space.add(\n    [\n" + "".join(f"        {part},\n" for part in parts) + "    ]\n)"

    def call(self, made: Any, *arguments: str) -> str:
        name = type(made).__name__
        self.used.add(name)
        return f"{name}({', '.join(arguments)})"

    def hyperparameter(self, h: Any) -> str:
        import ConfigSpace

        if isinstance(h, ConfigSpace.Constant):
            return self.call(h, repr(h.name), repr(h.value))
        default = f"default_value={_literal(h.default_value)}"
        if isinstance(h, ConfigSpace.CategoricalHyperparameter):
            weights = [f"weights={list(h.weights)!r}"] if h.weights is not None else []
            return self.call(h, repr(h.name), repr(list(h.choices)), default, *weights)
        if isinstance(h, ConfigSpace.OrdinalHyperparameter):
            return self.call(h, repr(h.name), repr(list(h.sequence)), default)
        log = ["log=True"] if h.log else []
        shape = [f"{name}={getattr(h, name)!r}" for name in ("mu", "sigma", "alpha", "beta") if hasattr(h, name)]
        if shape:
            ends = [f"lower={_literal(h.lower)}", f"upper={_literal(h.upper)}"]
            return self.call(h, repr(h.name), *shape, *ends, default, *log)
        return self.call(h, repr(h.name), _literal(h.lower), _literal(h.upper), default, *log)

    def condition(self, c: Any) -> str:
        import ConfigSpace

        if isinstance(c, ConfigSpace.AndConjunction | ConfigSpace.OrConjunction):
            return self.call(c, *(self.condition(part) for part in c.components))
        value = list(c.values) if isinstance(c, ConfigSpace.InCondition) else c.value
        return self.call(c, f"space[{c.child.name!r}]", f"space[{c.parent.name!r}]", _literal(value))

    def forbidden(self, f: Any) -> str:
        import ConfigSpace

        if isinstance(f, ConfigSpace.ForbiddenAndConjunction):
            return self.call(f, *(self.forbidden(part) for part in f.components))
        if hasattr(f, "left"):
            return self.call(f, f"space[{f.left.name!r}]", f"space[{f.right.name!r}]")
        value = list(f.values) if isinstance(f, ConfigSpace.ForbiddenInClause) else f.value
        return self.call(f, f"space[{f.hyperparameter.name!r}]", _literal(value))


def _literal(value: Any) -> str:
    return repr(value.item() if hasattr(value, "item") else value)
