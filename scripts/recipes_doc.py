"""Write docs/recipes.md from the recipes themselves: `make docs`. With `--check`, only say whether it is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from workbench import recipes
from workbench.recipes import PREPROCESSING, Parameter, Recipe

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "recipes.md"
INTRODUCTION = """\
# What the offline composer understands

<!-- made by `make docs` from src/workbench/recipes; edit the recipes, not this page -->

The offline composer writes `train` from a space, without a model. It takes the family from a hyperparameter that
chooses one (`algorithm`: a constant, or a categorical for several families), else the family that knows most of the
names. One hyperparameter sets one thing of the model; a name may be any of those below, in any case, with `_`, `-`,
`:`, `.` or blanks between its words, behind the family's own prefix (`rf_`, `random_forest:`), and behind `model`,
`classifier`, `regressor`, `estimator` or `clf`. Where a space has several families, conditions say which
hyperparameter is whose; one without a condition goes to every family that knows its name. A name that no family knows
is refused, with the nearest one.

**Budgets.** A budget is a share of the scenario's largest one, which trains in full. Families that train in steps
(trees, iterations, epochs) make that share of their steps; where the largest budget is 10 or more and no
hyperparameter sets the steps, it counts them. The others train on that share of the rows, with a row of each class at
least. Without a budget all is done in full.

**Tables.** Gaps in numbers are filled (median), numbers are scaled for the families that need it, categories become
one column for each value, up to 30; networks with embeddings learn a vector for each value in place of that. Any of
it becomes tunable by a hyperparameter of the preprocessing.

**Images** are rows of pixels: in a table, or an array `X` of shape (n, height, width) or (n, height, width, 3) in a
`.npz` file, which becomes one column for each pixel, row by row, the three colours of a pixel side by side. The
convolutional network takes d columns for square images: of three colours where d is three times a square, else of one
colour; where d is no square either, zeros fill the last row of pixels, so that it trains on any table, if not well.

**Networks** of PyTorch train on the GPU where there is one and on the CPU where not. Half precision (bfloat16) is
switched on for more than a million weights on a GPU that has it: a guess at where it pays, not yet timed on one.
`torch.compile` is not used: where it was tried, on two busy cores, the first step of a small network was not compiled
after a hundred seconds, and three hundred steps without it took three. A saved network (`.pt`) holds its classes
beside its weights: `torch.load(path, weights_only=False)` gives a model whose `predict` takes raw features, in a
process that has `torch`, `cloudpickle` and `scikit-learn`.
"""
KINDS = {"integer": "whole number", "number": "number", "choice": "one of a list", "flag": "true or false"}


def page() -> str:
    every = {**recipes.recipes(), **recipes.absent()}
    parts = [INTRODUCTION, "## Preprocessing\n", _table(PREPROCESSING)]
    for recipe in sorted(every.values(), key=lambda r: (r.order, r.id)):
        parts += [f"## {recipe.title}\n", _family(recipe), _table(recipe.parameters)]
    return "\n".join(parts)


def _family(recipe: Recipe) -> str:
    words = ", ".join(f"`{w}`" for w in dict.fromkeys((recipe.id, recipe.short, *recipe.names)))
    budget = f"`{recipe.effort}`, {recipe.full_effort} in full" if recipe.effort else "a share of the rows"
    lines = [recipe.summary, "", f"- Called {words}.", f"- A budget is {budget}."]
    if len(recipe.estimators) == 1:
        lines.append(f"- For {next(iter(recipe.estimators))} alone.")
    if recipe.requires:
        extra = "torch" if recipe.requires == "torch" else "boosting"
        lines.append(f"- Needs `{recipe.requires}`: `pip install automl-workbench[{extra}]`.")
    return "\n".join(lines) + "\n"


def _table(parameters: tuple[Parameter, ...]) -> str:
    rows = ["| name | also | what |", "|---|---|---|"]
    for p in parameters:
        also = ", ".join(f"`{a}`" for a in p.aliases)
        task = f", for {p.tasks[0]}" if len(p.tasks) == 1 else ""
        rows.append(f"| `{p.name}` | {also} | {_values(p)}{task} |")
    return "\n".join(rows) + "\n"


def _values(p: Parameter) -> str:
    words = ", ".join(f"`{w}`" for w in (*p.choices, *p.none[:1]))
    low = f" from {p.low:g}" if p.low is not None else ""
    high = f" to {p.high:g}" if p.high is not None else ""
    if p.kind == "choice":
        return f"{words or 'any word'}" + (f", or a number{low}{high}" if p.numbers else "")
    return f"{KINDS[p.kind]}{low}{high}" + (f", or {words}" if words else "")


def main() -> int:
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        if current != text:
            print("docs/recipes.md is not what the recipes say; run `make docs`")
            return 1
        return 0
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(recipes.recipes()) + len(recipes.absent())} families")
    return 0


if __name__ == "__main__":
    sys.exit(main())
