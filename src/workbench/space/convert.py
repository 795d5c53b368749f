"""To ConfigSpace and back; configurations as plain Python values."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from workbench.nouns import (
    Clause,
    Condition,
    Forbidden,
    Hyperparameter,
    HyperparameterKind,
    Operator,
    Prior,
    Relation,
    Space,
    SpaceError,
    Value,
)
from workbench.space.activity import resolved_default
from workbench.space.grid import on_the_grid
from workbench.space.priors import from_sigma, to_sigma
from workbench.space.problems import check

if TYPE_CHECKING:
    import ConfigSpace


_FORBIDDEN: dict[str, Operator] = {
    "Equals": "==",
    "LessThan": "<",
    "GreaterThan": ">",
    "LessThanEquals": "<=",
    "GreaterThanEquals": ">=",
}


def to_configspace(space: Space, seed: int | None = None) -> ConfigSpace.ConfigurationSpace:
    """The space as ConfigSpace has it, every default made explicit.

    Several conditions of one child are joined by `and`. `!=` on a parent that is conditional itself becomes the
    other values: ConfigSpace takes `!=` as met where the parent is inactive, and the workbench does not. A forbidden
    `<=` becomes two clauses, `<` and `==`: ConfigSpace 1.2 prints at every check of its own, and takes it as met by an
    inactive ordinal.

    Raises
    ------
    SpaceError
        With the first problem of a space that is not valid.
    """
    import ConfigSpace

    check(space)
    made = ConfigSpace.ConfigurationSpace(name=space.name or None, seed=seed)
    parts = {h.name: _hyperparameter(h) for h in space.hyperparameters}
    for h in space.hyperparameters:
        if h.kind == "integer" and h.log:
            on_the_grid(parts[h.name])
    known = {h.name: h for h in space.hyperparameters}
    conditional = {c.child for c in space.conditions}
    by_child: dict[str, list[Any]] = {}
    for c in space.conditions:
        literals = [_literal(c.child, k, parts, known, k.parent in conditional) for k in c.clauses]
        if c.join == "and":
            by_child.setdefault(c.child, []).extend(literals)
        else:
            # flat: ConfigSpace holds two nestings of the same clauses for different
            nested = [k.components if isinstance(k, ConfigSpace.OrConjunction) else (k,) for k in literals]
            flat = _once([k for part in nested for k in part])
            by_child.setdefault(c.child, []).append(ConfigSpace.OrConjunction(*flat) if len(flat) > 1 else flat[0])
    conditions = _told_apart([_all_of(_once(found)) for found in by_child.values()])
    forbidden = []
    for f in space.forbidden:
        forbidden += [
            clauses[0] if len(clauses) == 1 else ConfigSpace.ForbiddenAndConjunction(*clauses)
            for clauses in product(*(_forbidden_parts(k, parts) for k in f.clauses))
        ]
    made.add(list(parts.values()), conditions, forbidden)
    _parents_first(made)
    return made


def _once(parts: list[Any]) -> list[Any]:
    """Without repeats: ConfigSpace 1.2 holds `a and a and a` for the same condition as `a and b and c`."""
    return [part for i, part in enumerate(parts) if part not in parts[:i]]


def _all_of(parts: list[Any]) -> Any:
    import ConfigSpace

    return parts[0] if len(parts) == 1 else ConfigSpace.AndConjunction(*parts)


def _told_apart(conditions: list[Any]) -> list[Any]:
    """The same, each `a or b` nested once more where another child has `a and b`.

    ConfigSpace 1.2 groups children whose conditions it holds for equal, compares the clauses alone, not what joins
    them, and so would give one child the condition of the other.
    """
    import ConfigSpace

    both = [c for c in conditions if isinstance(c, ConfigSpace.AndConjunction)]
    return [
        ConfigSpace.OrConjunction(c, c.components[0])
        if isinstance(c, ConfigSpace.OrConjunction) and any(c.equivalent_condition_on_parent(b) for b in both)
        else c
        for c in conditions
    ]


def _parents_first(made: Any) -> None:
    """Have the sampler settle parents before their children.

    ConfigSpace 1.2 settles conditions by their shallowest parent: a child of a root and of a conditional parent comes
    too early, and keeps a value where that parent turns out inactive, which its own check then refuses.
    """
    dag: Any = getattr(made, "_dag", None)
    if hasattr(dag, "minimum_conditions") and hasattr(dag, "nodes"):
        dag.minimum_conditions.sort(key=lambda c: max(dag.nodes[name].maximum_depth for name in c.node_parents()))


def _hyperparameter(h: Hyperparameter) -> Any:
    import ConfigSpace

    default: Any = resolved_default(h)
    if h.prior is not None and h.kind in ("integer", "float"):
        return _with_prior(h, h.prior, default)
    if h.low is not None and h.high is not None and h.kind in ("integer", "float"):
        made = {
            "integer": ConfigSpace.UniformIntegerHyperparameter,
            "float": ConfigSpace.UniformFloatHyperparameter,
        }[h.kind]
        return made(h.name, h.low, h.high, default_value=default, log=h.log)
    if h.kind == "categorical":
        return ConfigSpace.CategoricalHyperparameter(
            h.name, h.choices, default_value=default, weights=h.weights or None
        )
    if h.kind == "ordinal":
        return ConfigSpace.OrdinalHyperparameter(h.name, h.choices, default_value=default)
    return ConfigSpace.Constant(h.name, default)


def _with_prior(h: Hyperparameter, prior: Prior, default: Any) -> Any:
    import ConfigSpace

    ends = {"lower": h.low, "upper": h.high, "default_value": default, "log": h.log}
    if prior.kind == "normal":
        normal = {
            "integer": ConfigSpace.NormalIntegerHyperparameter,
            "float": ConfigSpace.NormalFloatHyperparameter,
        }[h.kind]
        return normal(h.name, mu=prior.first, sigma=to_sigma(h), **ends)
    beta = {"integer": ConfigSpace.BetaIntegerHyperparameter, "float": ConfigSpace.BetaFloatHyperparameter}[h.kind]
    return beta(h.name, alpha=prior.first, beta=prior.second, **ends)


def _forbidden_parts(part: Clause | Relation, parts: Mapping[str, Any]) -> list[Any]:
    """The forbidden clauses of ConfigSpace any of which stands for this one."""
    import ConfigSpace

    if isinstance(part, Relation):
        made: Any = {
            "==": ConfigSpace.ForbiddenEqualsRelation,
            "<": ConfigSpace.ForbiddenLessThanRelation,
            ">": ConfigSpace.ForbiddenGreaterThanRelation,
            "<=": ConfigSpace.ForbiddenLessThanEqualsRelation,
            ">=": ConfigSpace.ForbiddenGreaterThanEqualsRelation,
        }[part.operator]
        return [made(parts[part.left], parts[part.right])]
    parent = parts[part.parent]
    value = _legal(parent, part.value)
    if isinstance(value, list):
        return [ConfigSpace.ForbiddenInClause(parent, value)]
    found: list[Any] = []
    if "<" in part.operator:
        found.append(ConfigSpace.ForbiddenLessThanClause(parent, value))
    if ">" in part.operator:
        found.append(ConfigSpace.ForbiddenGreaterThanClause(parent, value))
    if "=" in part.operator:
        found.append(ConfigSpace.ForbiddenEqualsClause(parent, value))
    return found


def _literal(
    child: str, clause: Clause, parts: Mapping[str, Any], known: Mapping[str, Hyperparameter], conditional: bool
) -> Any:
    import ConfigSpace

    parent = parts[clause.parent]
    ends = parts[child], parent
    value = _legal(parent, clause.value)
    if isinstance(value, list):
        return ConfigSpace.InCondition(*ends, value)
    if clause.operator == "!=" and conditional:
        row = known[clause.parent]
        if row.kind in ("integer", "float"):
            return ConfigSpace.OrConjunction(
                ConfigSpace.LessThanCondition(*ends, value),
                ConfigSpace.GreaterThanCondition(*ends, value),
            )
        others = [c for c in row.choices if c != value]
        if not others:
            # a parent with one value: the condition never holds, also where the parent is inactive
            return ConfigSpace.AndConjunction(
                ConfigSpace.EqualsCondition(*ends, value), ConfigSpace.NotEqualsCondition(*ends, value)
            )
        return ConfigSpace.InCondition(*ends, others)
    made = {
        "==": ConfigSpace.EqualsCondition,
        "!=": ConfigSpace.NotEqualsCondition,
        "<": ConfigSpace.LessThanCondition,
        ">": ConfigSpace.GreaterThanCondition,
    }[clause.operator]
    return made(*ends, value)


def _legal(parent: Any, value: Any) -> Any:
    """The value as ConfigSpace has it: at the end of a float's range, rounding may have moved the end inwards."""
    import ConfigSpace

    if isinstance(value, tuple):
        return [_legal(parent, v) for v in value]
    if isinstance(parent, ConfigSpace.hyperparameters.FloatHyperparameter):
        return max(parent.lower, min(parent.upper, float(value)))
    return value


def from_configspace(configspace: ConfigSpace.ConfigurationSpace) -> Space:
    """A space from ConfigSpace's, its rows in ConfigSpace's order (parents first, then by name).

    Raises
    ------
    SpaceError
        If it holds what a `Space` cannot say, such as values that are not a number, a text or a boolean.
    """
    rows = tuple(_row(configspace[name]) for name in configspace)
    conditional = frozenset(made.child.name for made in configspace.conditions)
    conditions = [c for made in configspace.conditions for c in _conditions(made, conditional)]
    forbidden = [Forbidden(parts) for made in configspace.forbidden_clauses for parts in _forbidden(made)]
    space = Space(rows, tuple(conditions), tuple(forbidden), configspace.name or "")
    check(space)
    return space


def _row(h: Any) -> Hyperparameter:
    import ConfigSpace

    if isinstance(h, ConfigSpace.UniformIntegerHyperparameter):
        return Hyperparameter(h.name, "integer", int(h.lower), int(h.upper), bool(h.log), default=int(h.default_value))
    if isinstance(h, ConfigSpace.UniformFloatHyperparameter):
        ends = float(h.lower), float(h.upper)
        return Hyperparameter(h.name, "float", *ends, bool(h.log), default=float(h.default_value))
    if isinstance(h, ConfigSpace.CategoricalHyperparameter):
        weights = tuple(float(w) for w in h.weights) if h.weights is not None else ()
        choices = tuple(_plain(h.name, c) for c in h.choices)
        return Hyperparameter(
            h.name, "categorical", choices=choices, default=_own(choices, h.default_value), weights=weights
        )
    if isinstance(h, ConfigSpace.OrdinalHyperparameter):
        choices = tuple(_plain(h.name, c) for c in h.sequence)
        return Hyperparameter(h.name, "ordinal", choices=choices, default=_own(choices, h.default_value))
    if isinstance(h, ConfigSpace.Constant):
        return Hyperparameter(h.name, "constant", default=_plain(h.name, h.value))
    normal = isinstance(h, ConfigSpace.NormalIntegerHyperparameter | ConfigSpace.NormalFloatHyperparameter)
    if normal or isinstance(h, ConfigSpace.BetaIntegerHyperparameter | ConfigSpace.BetaFloatHyperparameter):
        kind: HyperparameterKind = (
            "integer" if isinstance(h, ConfigSpace.hyperparameters.IntegerHyperparameter) else "float"
        )
        number = int if kind == "integer" else float
        prior = (
            Prior("normal", float(h.mu), from_sigma(float(h.lower), bool(h.log), float(h.sigma)))
            if normal
            else Prior("beta", float(h.alpha), float(h.beta))
        )
        return Hyperparameter(
            h.name,
            kind,
            number(h.lower),
            number(h.upper),
            bool(h.log),
            default=number(h.default_value),
            prior=prior,
        )
    kind_name = type(h).__name__.removesuffix("Hyperparameter")
    raise SpaceError(
        f"{h.name!r} is a {kind_name} hyperparameter, which cannot be kept; use its to_uniform() in ConfigSpace"
    )


def _plain(name: str, value: Any) -> Value:
    if hasattr(value, "item"):
        value = value.item()
    if not isinstance(value, bool | int | float | str):
        raise SpaceError(
            f"{name!r} holds {value!r}, a {type(value).__name__}; a value is a number, a text, true or false: "
            "use a text and translate it in the code"
        )
    return value


def _own(choices: tuple[Value, ...], value: Any) -> Value:
    return next(c for c in choices if c == value)


def _conditions(made: Any, conditional: frozenset[str]) -> list[Condition]:
    """One condition of ConfigSpace as several that must all hold (conjunctive normal form)."""
    singles: list[Clause] = []
    others: list[Condition] = []
    for clauses in _normal(made, conditional):
        if len(clauses) == 1:
            singles.append(clauses[0])
        else:
            others.append(Condition(made.child.name, clauses, "or"))
    return ([Condition(made.child.name, tuple(singles))] if singles else []) + others


def _normal(made: Any, conditional: frozenset[str]) -> list[tuple[Clause, ...]]:
    import ConfigSpace

    if isinstance(made, ConfigSpace.AndConjunction):
        if never := _never(made, conditional):
            return [(never,)]
        return [clauses for part in made.components for clauses in _normal(part, conditional)]
    if isinstance(made, ConfigSpace.OrConjunction):
        sides = [_normal(part, conditional) for part in made.components]
        return [tuple(k for clauses in chosen for k in clauses) for chosen in product(*sides)]
    name = made.parent.name
    parent = _row(made.parent)
    if isinstance(made, ConfigSpace.InCondition):
        return [(Clause(name, "in", tuple(_of(parent, v) for v in made.values)),)]
    operators: dict[type, Operator] = {
        ConfigSpace.EqualsCondition: "==",
        ConfigSpace.NotEqualsCondition: "!=",
        ConfigSpace.LessThanCondition: "<",
        ConfigSpace.GreaterThanCondition: ">",
    }
    return [(Clause(name, operators[type(made)], _of(parent, made.value)),)]


def _never(made: Any, conditional: frozenset[str]) -> Clause | None:
    """The clause behind `==` and `!=` at once, as `_literal` writes a `!=` that cannot hold."""
    import ConfigSpace

    kinds = [type(part) for part in made.components]
    if kinds != [ConfigSpace.EqualsCondition, ConfigSpace.NotEqualsCondition]:
        return None
    equal, unequal = made.components
    parent = _row(equal.parent)
    if equal.parent.name != unequal.parent.name or parent.name not in conditional or len(parent.choices) > 1:
        return None
    return Clause(parent.name, "!=", _of(parent, unequal.value)) if parent.kind not in ("integer", "float") else None


def _forbidden(made: Any) -> list[tuple[Clause | Relation, ...]]:
    """One forbidden clause of ConfigSpace as several, any of which forbids (disjunctive normal form)."""
    import ConfigSpace

    if isinstance(made, ConfigSpace.ForbiddenAndConjunction):
        sides = [_forbidden(part) for part in made.components]
        return [tuple(k for parts in chosen for k in parts) for chosen in product(*sides)]
    if isinstance(made, ConfigSpace.ForbiddenOrConjunction):
        return [parts for part in made.components for parts in _forbidden(part)]
    if isinstance(made, ConfigSpace.ForbiddenInClause):
        parent = _row(made.hyperparameter)
        return [(Clause(parent.name, "in", tuple(_of(parent, v) for v in made.values)),)]
    name = type(made).__name__.removeprefix("Forbidden")
    operator = _FORBIDDEN.get(name.removesuffix("Relation").removesuffix("Clause"))
    if operator is None:
        raise SpaceError(f"{made} cannot be kept; a forbidden clause says ==, in, <, >, <= or >=, joined by and")
    if name.endswith("Relation"):
        return [(Relation(made.left.name, operator, made.right.name),)]
    return [(Clause(made.hyperparameter.name, operator, _of(_row(made.hyperparameter), made.value)),)]


def _of(parent: Hyperparameter, value: Any) -> Value:
    plain = _plain(parent.name, value)
    if parent.choices:
        return next((c for c in parent.choices if c == plain), plain)
    if parent.kind in ("integer", "float") and not isinstance(plain, str):
        return int(plain) if parent.kind == "integer" else float(plain)
    return plain


def plain(configuration: ConfigSpace.Configuration) -> dict[str, Value]:
    """The active values of a configuration as plain Python values, never NumPy's."""
    import ConfigSpace

    space, vector = configuration.config_space, configuration.get_array()
    values: dict[str, Value] = {}
    for name in configuration:
        h = space[name]
        if isinstance(h, ConfigSpace.CategoricalHyperparameter | ConfigSpace.OrdinalHyperparameter):
            own = h.choices if isinstance(h, ConfigSpace.CategoricalHyperparameter) else h.sequence
            values[name] = _plain(name, own[round(float(vector[space.index_of[name]]))])
        else:
            values[name] = _plain(name, configuration[name])
    return values


def sample(space: Space, n: int, seed: int) -> list[dict[str, Value]]:
    """Draw `n` valid configurations; an inactive hyperparameter is absent. The same seed draws the same."""
    if n < 1:
        return []
    configspace = to_configspace(space, seed=seed)
    # a size of one would come back bare, with a warning
    drawn = configspace.sample_configuration(n) if n > 1 else [configspace.sample_configuration()]
    return [_in_order(space, plain(c)) for c in drawn]


def default(space: Space) -> dict[str, Value]:
    """The default configuration: the default of every hyperparameter that is active under it."""
    return _in_order(space, plain(to_configspace(space).get_default_configuration()))


def _in_order(space: Space, values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: values[name] for name in space.names if name in values}


def configuration(
    configspace: ConfigSpace.ConfigurationSpace, values: Mapping[str, Value]
) -> ConfigSpace.Configuration:
    """The configuration with these values.

    Raises
    ------
    SpaceError
        If a name is unknown, a value is not in its domain, an active hyperparameter is missing, or the whole is
        forbidden.
    """
    import ConfigSpace

    if unknown := [name for name in values if name not in configspace]:
        raise SpaceError(f"{unknown[0]!r} is no hyperparameter of this space; there are: {', '.join(configspace)}")
    for name, value in values.items():
        try:
            legal = bool(configspace[name].legal_value(value))
        except (TypeError, ValueError):
            legal = False
        if not legal:
            raise SpaceError(f"{name!r} cannot be {value!r}; it is {configspace[name]}")
    try:
        return ConfigSpace.Configuration(configspace, values=dict(values))
    except (ValueError, ConfigSpace.exceptions.ForbiddenValueError) as error:
        raise SpaceError(f"this is no configuration of the space: {' '.join(str(error).split())}") from error
