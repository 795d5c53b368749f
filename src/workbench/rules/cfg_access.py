"""Values are read through the public interface of `cfg`."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.nouns import Case, Rule, Seen
from workbench.rules._configuration import reads


def find(case: Case) -> Iterator[Seen]:
    """Attributes of `cfg` that are private or were removed."""
    for node, name in reads(case).private:
        yield Seen.at(node, f"`cfg.{name}` is private or gone; read with `cfg.get(...)`, `cfg[...]` or `dict(cfg)`")


RULE = Rule(
    id="cfg-access",
    group="robust",
    level={"*": "should"},
    text="Read values with `cfg.get(name, default)` or `cfg[name]`; other ways to reach into `cfg` are gone or "
    "private.",
    find=find,
    order=150,
)
