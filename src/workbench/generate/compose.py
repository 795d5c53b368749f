"""The offline composer: a `train` without a language model, from recipes.

What it writes is meant to be read and edited: a few small functions, one for each thing that the rule book asks, and
nothing that the job does not need.
"""

from __future__ import annotations

import time

from workbench import contracts
from workbench.generate import _parts as parts
from workbench.generate._plan import Family, Plan, Setting, plan
from workbench.generate._reading import argument, choice, literal, reading
from workbench.nouns import Candidate, Dataset, GenerateError, Job, Task
from workbench.recipes import Recipe, network_classes
from workbench.space import resolved_default


def compose(job: Job) -> Candidate:
    """Write `train` for a job.

    Returns
    -------
    Candidate
        Of origin `composer`; the same job gives the same code.

    Raises
    ------
    GenerateError
        If the space has a hyperparameter, or a choice, that no recipe knows, or the classes are fractions.
    """
    started = time.perf_counter()
    _refuse_fractions(job.dataset)
    code = _Composer(job).code()
    return Candidate(code, "composer", seconds=time.perf_counter() - started, note="offline composer")


def _refuse_fractions(dataset: Dataset) -> None:
    if dataset.task != "classification" or dataset.y.dtype.kind != "f":
        return
    fractions = dataset.y[dataset.y % 1 != 0]
    if len(fractions):
        raise GenerateError(
            f"the classes of {dataset.target!r} are fractions such as {fractions.iloc[0]:g}, which scikit-learn takes "
            "for a regression; write them as text in the table, or choose regression"
        )


WIDTH = 110
MODULES = ("cloudpickle", "torch")


class _Composer:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.plan: Plan = plan(job)
        self.contract = contracts.get(job.contract)
        self.classifies = job.dataset.task == "classification"
        self.budgeted = self.contract.takes_budget
        self.helpers: set[str] = set()
        self.imports: dict[str, set[str]] = {}
        self.classes: dict[str, None] = {}
        self.full_budget = float(job.scenario.max_budget or 100.0)
        if self.full_budget < 1.0:
            self.full_budget = 1.0  # a share of the data, of which 1 is all

    # -------------------------------------------------------------- the whole

    def code(self) -> str:
        model = self._model()
        features = self._features()
        scores = self._scores()
        split = self._split()
        subset = [parts.SUBSET_CLASSES if self.classifies else parts.SUBSET] if self._by_share else []
        effort = [parts.STEPS] if self.budgeted and any(f.recipe.effort for f in self.plan.families) else []
        save = [parts.SAVE.replace("DUMP", parts.DUMPS["torch" if self.classes else "joblib"])]
        train = self._train()
        readers = [parts.READERS[name] for name in ("_integer", "_number", "_choice") if name in self.helpers]
        table = [parts.TABLE]
        blocks = [*readers, *table, split, *subset, *effort, features, *self.classes, model, scores, *save, train]
        constants = [f"{name} = {value}" for name, value in self._constants()]
        head = [self._docstring(), "\n".join(self._import_lines())]
        if constants:
            head.append("\n".join(constants))
        return "\n\n".join(head) + "\n\n\n" + "\n\n\n".join(b.strip("\n") for b in blocks) + "\n"

    def _docstring(self) -> str:
        data = self.job.dataset
        title = " or ".join(f.recipe.title for f in self.plan.families)
        sentence = f'"""{title} for {data.task}, on a part of the data that is held out."""'
        if len(sentence) <= 110:
            return sentence
        count = len(self.plan.families)
        return f'"""One of {count} families for {data.task}, on a part of the data that is held out."""'

    def _import(self, module: str, *names: str) -> None:
        self.imports.setdefault(module, set()).update(n for n in names if n)

    def _import_lines(self) -> list[str]:
        typing = {"Any"} | {"model": {"Tuple"}, "metrics": {"Dict", "Union"}}.get(self.contract.id, set())
        self._import("typing", *typing)
        self._import("pathlib", "Path")
        self._import("ConfigSpace", "Configuration")
        text = "".join(self.classes)
        standard = ["import hashlib", "import json", *(["import math"] if "math." in text else [])]
        standard += ["import sys"] if text else []
        standard += [
            f"from {m} import {', '.join(sorted(n))}" for m, n in sorted(self.imports.items()) if m in _STANDARD
        ]
        others = [f"import {m}" for m in (MODULES if text else ("joblib",))]
        others += ["import numpy as np", "import pandas as pd"]
        for module, names in sorted(self.imports.items()):
            if module in _STANDARD or not names:
                continue
            line = f"from {module} import {', '.join(sorted(names))}"
            if len(line) > 110:
                inner = "".join(f"    {name},\n" for name in sorted(names))
                line = f"from {module} import (\n{inner})"
            others.append(line)
        # as formatters order them: by module, `import x` before `from x import y`
        others.sort(key=lambda line: (not line.startswith("import "), line.split()[1].lower()))
        return [*standard, "", *others]

    def _constants(self) -> list[tuple[str, str]]:
        found = []
        if self.budgeted:
            found.append(
                ("FULL_BUDGET", f"{literal(self.full_budget)}  # a budget of this size, or none, trains in full")
            )
        found.append(("VALIDATION_SHARE", "0.25"))
        return found

    @property
    def _by_share(self) -> list[Family]:
        """The families whose training has no steps: their budget is a share of the rows."""
        return [f for f in self.plan.families if self.budgeted and not f.recipe.effort]

    # -------------------------------------------------------------- reading

    def _read(self, settings: tuple[Setting, ...]) -> list[str]:
        lines = []
        for setting in settings:
            helper, call = reading(setting)
            self.helpers.add(helper)
            lines += f"{setting.parameter.name} = {call}".splitlines()
        return lines

    # -------------------------------------------------------------- model

    def _model(self) -> str:
        """`_model(cfg, n_fit, budget, seed)`: the untrained estimator."""
        needs_rows = any("n_fit" in s.parameter.code for f in self.plan.families for s in f.settings)
        takes = ["cfg: Configuration"]
        takes += ["n_fit: int"] if needs_rows else []
        takes += ["budget: Any"] if self.budgeted and any(f.recipe.effort for f in self.plan.families) else []
        takes += ["seed: int"] if any(f.recipe.seeded for f in self.plan.families) else []
        self.model_arguments = [t.split(":")[0] for t in takes]
        lines = [
            f"def _model({', '.join(takes)}) -> Any:",
            '    """The model that a configuration asks for, not yet trained."""',
        ]
        if self.plan.selector is None:
            lines += ["    " + line for line in self._branch(self.plan.families[0])]
            return "\n".join(lines)
        self.helpers.add("_choice")
        lines += [f"    {line}" for line in f"algorithm = {choice(self.plan.selector)}".splitlines()]
        for number, family in enumerate(self.plan.families):
            last = number == len(self.plan.families) - 1
            if number and last:
                lines += ["    " + line for line in self._branch(family)]
            else:
                lines.append(f"    if algorithm == {literal(family.choice)}:")
                lines += ["        " + line for line in self._branch(family)]
        return "\n".join(lines)

    def _selector_default(self) -> str:
        assert self.plan.selector is not None
        return literal(resolved_default(self.plan.selector))

    def _branch(self, family: Family) -> list[str]:
        recipe, task = family.recipe, self.job.dataset.task
        estimator = recipe.estimators[task]
        if recipe.classes:
            self._network(recipe, task)
        else:
            self._import(recipe.module, estimator)
        read = {s.parameter.name for s in family.settings}
        arguments = {}
        for setting in family.settings:
            if setting.parameter.argument:
                arguments[setting.parameter.name] = argument(setting, setting.parameter.name)
        arguments = dict(line.split("=", 1) for line in recipe.fixed) | arguments
        if recipe.extra is not None:
            arguments |= dict(line.split("=", 1) for line in recipe.extra(read, task))
        lines = self._read(family.settings)
        if recipe.effort:
            full = recipe.effort if recipe.effort in read else str(self._full_steps(recipe.full_effort))
            arguments[recipe.effort] = f"_steps({full}, budget)" if self.budgeted else full
        if recipe.seeded:
            arguments["random_state"] = "seed"
        made = "\n".join([f"{estimator}(", *(f"    {name}={value}," for name, value in arguments.items()), ")"])
        if not arguments:
            made = f"{estimator}()"
        if recipe.scales_target and not self.classifies:
            self._import("sklearn.compose", "TransformedTargetRegressor")
            self._import("sklearn.preprocessing", "StandardScaler")
            lines += f"model = {made}".splitlines()
            return [*lines, "return TransformedTargetRegressor(model, transformer=StandardScaler())"]
        if recipe.labels and self.classifies:
            self._import("sklearn.ensemble", "VotingClassifier")
            lines += f"model = {made}".splitlines()
            line = f'return VotingClassifier([("{recipe.short}", model)], voting="soft")'
            return [*lines, f"{line}  # a vote of one, on labels as numbers"]
        return [*lines, *f"return {made}".splitlines()]

    def _network(self, recipe: Recipe, task: Task) -> None:
        for source in network_classes(recipe, task):
            self.classes[source] = None
        self._import("dataclasses", "dataclass")
        self._import("torch", "nn")
        self._import("sklearn.base", "BaseEstimator", "ClassifierMixin" if self.classifies else "RegressorMixin")

    def _full_steps(self, usual: int) -> int:
        """Steps of a full training: the largest budget itself where budgets can be counted in steps."""
        high = self.job.scenario.max_budget
        return round(high) if high is not None and high >= 10 else usual

    # -------------------------------------------------------------- features

    def _features(self) -> str:
        chosen = {s.parameter.name: s for s in self.plan.preprocessing}
        self._import("sklearn.compose", "ColumnTransformer")
        self._import("sklearn.impute", "SimpleImputer")
        self._import("sklearn.pipeline", "make_pipeline")
        self._import("sklearn.preprocessing", "FunctionTransformer")
        reads = self._read(self.plan.preprocessing)
        scales = "scaling" in chosen or any(f.recipe.scaled for f in self.plan.families)
        strategy = "imputation" if "imputation" in chosen else '"median"'
        steps = [f"SimpleImputer(strategy={strategy}, keep_empty_features=True)"]
        if "scaling" in chosen:
            self._import("sklearn.preprocessing", "StandardScaler", "MinMaxScaler", "RobustScaler")
            steps.append("scaling")
            reads.append(parts.SCALERS)
        elif scales:
            self._import("sklearn.preprocessing", "StandardScaler")
            steps.append("StandardScaler()")
        numbers = steps[0] if len(steps) == 1 else f"make_pipeline({', '.join(steps)})"
        embeds = [f for f in self.plan.families if f.recipe.codes]
        mixed = 0 < len(embeds) < len(self.plan.families)
        takes = [*(["cfg: Configuration"] if chosen else []), "X: pd.DataFrame", *(["codes: bool"] if mixed else [])]
        encoder, named, wraps = self._encoder("max_categories" in chosen, bool(embeds), mixed)
        last, select = "", ""
        if "feature_share" in chosen:
            self._import(
                "sklearn.feature_selection", "SelectPercentile", "f_classif" if self.classifies else "f_regression"
            )
            score = "f_classif" if self.classifies else "f_regression"
            # scikit-learn rounds the number of features down where scores are tied: to none at all
            reads.append("feature_share = min(1.0, max(feature_share, 1.01 / X.shape[1]))  # at least one feature")
            last = ", select"
            select = f"    select = SelectPercentile({score}, percentile=100 * feature_share)\n"
            select += f"    select{wraps}\n" if wraps else ""
        self.embeds = ""
        self.features_arguments = ", ".join(["cfg", "X_fit"] if chosen else ["X_fit"])
        if mixed:
            self.features_arguments += ", codes"
            self.embeds = self._chosen(embeds)
        body = "".join(f"    {line}\n" for line in "\n".join(reads).splitlines())
        signature = ", ".join(takes)
        return parts.FEATURES.format(
            signature=signature,
            reads=body,
            numbers=numbers,
            encoder=encoder,
            named=named + select,
            naming="naming, " * bool(named),
            last=last,
        )

    def _encoder(self, tuned: bool, embeds: bool, mixed: bool) -> tuple[str, str, str]:
        """How categories become numbers; the line that keeps the names of columns, which embeddings go by."""
        made = {
            kind: text.format(many="max_categories" if tuned else few)
            for kind, few, text in (
                ("onehot", "30", parts.ENCODERS["onehot"]),
                ("codes", "1_000", parts.ENCODERS["codes"]),
            )
        }
        if mixed or not embeds:
            self._import("sklearn.preprocessing", "OneHotEncoder")
        if embeds:
            self._import("sklearn.preprocessing", "OrdinalEncoder")
        if not mixed:
            lines = f"encoder = {made['codes' if embeds else 'onehot']}".splitlines()
        else:
            lines = ["if codes:", *(f"    {row}" for row in f"encoder = {made['codes']}".splitlines())]
            lines += ["else:", f"    encoder = {made['onehot']}"]
        frame = '"pandas" if codes else "default"' if mixed else '"pandas"'
        named = parts.NAMED.format(frame=frame) if embeds else ""
        return "\n".join(f"    {line}" for line in lines), named, f".set_output(transform={frame})" if embeds else ""

    # -------------------------------------------------------------- evaluation

    def _split(self) -> str:
        self._import("sklearn.model_selection", "train_test_split")
        return parts.SPLIT_CLASSES if self.classifies else parts.SPLIT

    def _scores(self) -> str:
        names = {
            True: ("accuracy_score", "balanced_accuracy_score", "f1_score", "precision_score", "recall_score"),
            False: ("mean_absolute_error", "mean_squared_error", "r2_score"),
        }[self.classifies]
        self._import("sklearn.metrics", *names)
        return parts.SCORES_CLASSES if self.classifies else parts.SCORES

    # -------------------------------------------------------------- train

    def _train(self) -> str:
        lines = [self._signature(), f'    """{self._returns()}"""', '    X, y = _table(dataset["X"], dataset["y"])']
        if self.contract.takes_test:
            lines += [
                '    if dataset.get("X_test") is not None:',
                "        X_fit, y_fit = X, y",
                '        X_held, y_held = _table(dataset["X_test"], dataset["y_test"])',
                "    else:",
                "        X_fit, X_held, y_fit, y_held = _split(X, y, seed)",
            ]
        else:
            lines.append("    X_fit, X_held, y_fit, y_held = _split(X, y, seed)")
        lines += self._subset()
        arguments = ", ".join("len(y_fit)" if a == "n_fit" else a for a in self.model_arguments)
        made = f"    model = make_pipeline(_features({self.features_arguments}), _model({arguments}))"
        lines += [
            *([f"    codes = {self.embeds}"] if self.embeds else []),
            made,
            '    print(f"training {type(model[-1]).__name__} on {len(y_fit)} rows")',
            "    model.fit(X_fit, y_fit)",
            "    scores = _scores(y_held, model.predict(X_held))",
        ]
        lines.append('    loss = 1.0 - scores["balanced_accuracy"]' if self.classifies else '    loss = scores["rmse"]')
        budget = "budget" if self.budgeted else "None"
        lines += [
            '    print(f"loss {loss:.4f} on {len(y_held)} rows held out")',
            "    if model_dir is not None:",
            f'        _save(model, cfg, {{"loss": loss, **scores}}, seed, {budget}, model_dir)',
            {
                "loss": "    return loss",
                "model": "    return loss, model",
                "metrics": '    return {"loss": loss, **scores}',
            }[self.contract.id],
        ]
        return "\n".join(lines)

    def _signature(self) -> str:
        line = f"def {self.contract.signature}:"
        if len(line) <= WIDTH:
            return line
        head, _, result = line.partition(") -> ")
        name, _, parameters = head.partition("(")
        return f"{name}(\n    {parameters}\n) -> {result}"

    def _subset(self) -> list[str]:
        shared = self._by_share
        if not shared:
            return []
        if len(shared) == len(self.plan.families):
            lines = ["    rows = _rows(y_fit, budget, seed)"]
            return [*lines, "    X_fit, y_fit = X_fit.iloc[rows], y_fit[rows]"]
        read = self._chosen(shared)
        lines = [f"    if {read}:"]
        if len(lines[0]) > WIDTH:
            lines = [f"    by_rows = {read.partition(' in ')[2]}", f"    if {read.partition(' in ')[0]} in by_rows:"]
        return [
            *lines,
            "        rows = _rows(y_fit, budget, seed)",
            "        X_fit, y_fit = X_fit.iloc[rows], y_fit[rows]",
        ]

    def _chosen(self, families: list[Family]) -> str:
        """Whether a configuration chooses one of these families, as Python."""
        selector = self.plan.selector
        assert selector is not None
        names = ", ".join(literal(f.choice) for f in families)
        comma = "," if len(families) == 1 else ""
        return f"cfg.get({literal(selector.name)}, {self._selector_default()}) in ({names}{comma})"

    def _returns(self) -> str:
        what = {"loss": "the loss", "model": "the loss and the model", "metrics": "the loss and all scores"}
        how = "one minus the balanced accuracy" if self.classifies else "the root mean squared error"
        return f"Train one configuration; return {what.get(self.contract.id, 'the loss')} ({how})."


_STANDARD = ("dataclasses", "pathlib", "typing")
