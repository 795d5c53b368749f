"""The functions that composed code is made of, as text. Each keeps one part of the rule book."""

READERS = {
    "_integer": '''
def _integer(cfg: Configuration, name: str, default: int, low: int, high: int) -> int:
    """A whole hyperparameter within its bounds; the default where it is inactive."""
    return int(min(high, max(low, round(float(cfg.get(name, default))))))
''',
    "_number": '''
def _number(cfg: Configuration, name: str, default: float, low: float, high: float) -> float:
    """A hyperparameter within its bounds; the default where it is inactive."""
    return float(min(high, max(low, float(cfg.get(name, default)))))
''',
    "_choice": '''
def _choice(cfg: Configuration, name: str, default: Any, allowed: tuple) -> Any:
    """A categorical hyperparameter as it stands among the allowed values; the default where it is inactive."""
    value = cfg.get(name, default)
    if value not in allowed:
        raise ValueError(f"{name} is {value!r}; it must be one of {allowed}")
    return allowed[allowed.index(value)]
''',
}

TABLE = '''
def _table(X: Any, y: Any) -> tuple:
    """The features as a DataFrame and the target as an array, whatever kind they came in."""
    X = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X)).infer_objects()
    y = np.asarray(y)
    if y.ndim != 1 or len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows and y has shape {y.shape}; y must have one value for each row of X")
    return X, y
'''

SPLIT_CLASSES = '''
def _split(X: pd.DataFrame, y: np.ndarray, seed: int) -> tuple:
    """Hold out a part with every class in it; a class of one row stays in training."""
    _, codes, counts = np.unique(y, return_inverse=True, return_counts=True)
    common = np.flatnonzero(counts[codes] > 1)
    if len(common) == 0 or len(counts) < 2:
        raise ValueError(f"{len(y)} rows of {len(counts)} classes cannot be split; give two classes of two rows each")
    held = max(int(np.sum(counts > 1)), round(VALIDATION_SHARE * len(common)))
    fit, valid = train_test_split(common, test_size=held, random_state=seed, stratify=y[common])
    fit = np.concatenate([fit, np.flatnonzero(counts[codes] == 1)])
    return X.iloc[fit], X.iloc[valid], y[fit], y[valid]
'''

SPLIT = '''
def _split(X: pd.DataFrame, y: np.ndarray, seed: int) -> tuple:
    """Hold out a part of the rows at random."""
    if len(y) < 4:
        raise ValueError(f"{len(y)} rows cannot be split; at least 4 are needed")
    return train_test_split(X, y, test_size=VALIDATION_SHARE, random_state=seed)
'''

SUBSET_CLASSES = '''
def _rows(y: np.ndarray, budget: Any, seed: int) -> np.ndarray:
    """As many rows as the budget allows, chosen at random; one of each class always."""
    order = np.random.default_rng(seed).permutation(len(y))
    share = 1.0 if budget is None else min(1.0, max(0.0, float(budget) / FULL_BUDGET))
    first = np.unique(y[order], return_index=True)[1]
    others = np.setdiff1d(np.arange(len(y)), first)
    chosen = np.concatenate([first, others])[: max(len(first), min(len(y), 20), round(share * len(y)))]
    return order[chosen]
'''

SUBSET = '''
def _rows(y: np.ndarray, budget: Any, seed: int) -> np.ndarray:
    """As many rows as the budget allows, chosen at random."""
    order = np.random.default_rng(seed).permutation(len(y))
    share = 1.0 if budget is None else min(1.0, max(0.0, float(budget) / FULL_BUDGET))
    return order[: max(min(len(y), 20), round(share * len(y)))]
'''

STEPS = '''
def _steps(full: int, budget: Any) -> int:
    """The part of the full number of steps that the budget allows, at least one; all without a budget."""
    return full if budget is None else max(1, round(full * min(1.0, float(budget) / FULL_BUDGET)))
'''

SCALERS = """scaling = {
    "standard": StandardScaler(),
    "minmax": MinMaxScaler(),
    "robust": RobustScaler(),
    "none": FunctionTransformer(),
}[scaling]"""

ENCODERS = {
    "onehot": 'OneHotEncoder(handle_unknown="ignore", max_categories={many}, sparse_output=False)',
    "codes": """OrdinalEncoder(
    handle_unknown="use_encoded_value",
    unknown_value=-1,
    encoded_missing_value=-1,
    max_categories={many},
)""",
}

NAMED = """\
    columns.set_output(transform={frame})  # embeddings find their columns by name
    names = [f"column {{i}}" for i in range(X.shape[1])]
    naming = FunctionTransformer(pd.DataFrame, kw_args={{"columns": names}})
"""

FEATURES = '''
def _features({signature}) -> Any:
    """Fill gaps and encode categories; columns by position and as plain arrays, so that `predict` takes any kind."""
{reads}    numbers = [i for i, kind in enumerate(X.dtypes) if pd.api.types.is_numeric_dtype(kind)]
    categories = [i for i in range(X.shape[1]) if i not in numbers]
{encoder}
    filler = {numbers}
    columns = ColumnTransformer([("numbers", filler, numbers), ("categories", encoder, categories)])
    plain = FunctionTransformer(np.asarray, kw_args={{"dtype": object if categories else float}})
{named}    return make_pipeline(plain, {naming}columns{last})
'''

SCORES_CLASSES = '''
def _scores(truth: np.ndarray, predicted: np.ndarray) -> dict:
    """Scores in [0, 1], higher is better; averages give every class the same weight."""
    average = {"average": "macro", "zero_division": 0}
    return {
        "accuracy": float(accuracy_score(truth, predicted)),
        "balanced_accuracy": float(balanced_accuracy_score(truth, predicted)),
        "precision": float(precision_score(truth, predicted, **average)),
        "recall": float(recall_score(truth, predicted, **average)),
        "f1": float(f1_score(truth, predicted, **average)),
    }
'''

SCORES = '''
def _scores(truth: np.ndarray, predicted: np.ndarray) -> dict:
    """Errors in the unit of the target (mse: squared), and the share of variance explained."""
    mse = float(mean_squared_error(truth, predicted))
    return {
        "mse": mse,
        "mae": float(mean_absolute_error(truth, predicted)),
        "rmse": float(np.sqrt(mse)),
        "r2": float(r2_score(truth, predicted)) if len(truth) > 1 else 0.0,
    }
'''

DUMPS = {
    "joblib": 'joblib.dump(model, folder / f"{name}.joblib")',
    "torch": """if __name__ in sys.modules:  # the file then holds the classes too, and loads where this code is not
        cloudpickle.register_pickle_by_value(sys.modules[__name__])
    torch.save(model, folder / f"{name}.pt", pickle_module=cloudpickle)""",
}

SAVE = '''
def _save(model: Any, cfg: Configuration, scores: dict, seed: int, budget: Any, model_dir: str) -> None:
    """Write the model, and beside it what it came from, under a name of its own."""
    values = {name: value.item() if isinstance(value, np.generic) else value for name, value in dict(cfg).items()}
    about = {"configuration": values, "seed": seed, "budget": budget, "scores": scores}
    text = json.dumps(about, indent=2, sort_keys=True, default=float)
    folder = Path(model_dir)
    folder.mkdir(parents=True, exist_ok=True)
    name = f"model-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    DUMP
    (folder / f"{name}.json").write_text(text, encoding="utf-8")
'''
