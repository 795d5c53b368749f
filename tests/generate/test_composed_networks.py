"""Composed networks of PyTorch: trained, asked for any kind of input, saved, and loaded where their code is not."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import types

import numpy as np
import pandas as pd
import pytest
from composed import LABELS, TASKS, job, loaded, quietly, table, trained

from workbench import space
from workbench.generate import compose
from workbench.nouns import Clause, Condition, Hyperparameter, Space

torch = pytest.importorskip("torch", reason="PyTorch is not installed")
pytestmark = pytest.mark.torch

NETWORKS = ("torch_mlp", "torch_resnet", "torch_cnn")


def family(name, *rows):
    """A space of one family."""
    return Space((Hyperparameter("algorithm", "constant", default=name), *rows))


WIDTHS = {
    "torch_mlp": Hyperparameter("n_units", "integer", low=2, high=16, default=8),
    "torch_resnet": Hyperparameter("n_units", "integer", low=2, high=16, default=8),
    "torch_cnn": Hyperparameter("n_filters", "integer", low=2, high=16, default=4),
}


def small(name, task="classification", *rows, **numbers):
    """A job on a narrow network, so that tests are quick."""
    made = family(name, WIDTHS[name], *rows)
    return job(made, task, **{"max_budget": 12.0, **numbers}), space.default(made)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("task", TASKS)
def test_a_network_trains_on_a_mixed_table_with_gaps_and_predicts_any_kind(name, task):
    made, config = small(name, task)
    X = made.dataset.X
    _, model = trained(made, config, budget=2.0)
    with quietly():
        of_frame, of_array, of_row = model.predict(X), model.predict(X.to_numpy()), model.predict(X.iloc[[3]])
    assert of_frame.shape == (len(X),)
    assert of_row.shape == (1,)
    if task == "classification":
        assert set(of_frame) <= LABELS
        assert list(of_array) == list(of_frame)
    else:
        assert of_array == pytest.approx(of_frame, rel=1e-4)
        assert of_frame.dtype == np.float64


@pytest.mark.parametrize("name", NETWORKS)
def test_the_budget_of_a_network_is_its_epochs(name):
    made, config = small(name, max_budget=12.0)
    for budget, epochs in ((1.0, 1), (3.7, 4), (12.0, 12), (None, 12)):
        _, model = trained(made, config, budget=budget)
        assert model[-1].epochs == epochs


@pytest.mark.parametrize("name", NETWORKS)
def test_one_seed_gives_one_result_and_another_seed_another_network(name):
    made, config = small(name, "regression")
    first, again = (trained(made, config, budget=3.0)[0] for _ in range(2))
    assert first == again
    configuration = space.configuration(space.to_configspace(made.space), config)
    with quietly():
        data = {"X": made.dataset.X, "y": made.dataset.y}
        other, _ = loaded(compose(made).code)(configuration, data, 1, 3.0)
    assert other != first


def test_every_category_has_a_vector_of_its_own_and_a_new_one_that_of_what_is_missing():
    made, config = small("torch_mlp")
    _, model = trained(made, config, budget=1.0)
    embedding = model[-1].network_[0]
    kinds = made.dataset.X["kind"].nunique(dropna=True)
    assert len(embedding.tables) == 2  # the kind and the date
    assert embedding.tables[0].num_embeddings == kinds + 1
    numbers = len(made.dataset.X.columns) - 2
    assert embedding.width == numbers + sum(t.embedding_dim for t in embedding.tables)
    rows = [made.dataset.X.head(3).assign(kind=kind) for kind in ("new", None)]
    with quietly():
        new, missing = (model[:-1].transform(part).filter(like="categories") for part in rows)
    assert new.equals(missing)
    assert (new.iloc[:, 0] == -1).all()


@pytest.mark.parametrize(
    ("columns", "shape"),
    [(64, (1, 8, 8)), (192, (3, 8, 8)), (784, (1, 28, 28)), (3072, (3, 32, 32)), (6, (1, 3, 3)), (1, (1, 1, 1))],
)
def test_the_number_of_columns_says_how_large_an_image_is_and_how_many_colours_it_has(columns, shape):
    namespace = _namespace(small("torch_cnn")[0])
    pixels = torch.arange(2.0 * columns).reshape(2, columns)
    images = namespace["_Pixels"](columns)(pixels)
    assert images.shape == (2, *shape)
    colours, side = shape[0], shape[1]
    assert images[0, :, 0, 0].tolist() == list(range(colours))  # the colours of a pixel stand together
    if columns > 1:
        assert images[0, 0, 0, 1] == colours  # pixels run along a row first
        assert images[1, 0, 0, 0] == columns
    assert images[0].sum() == pixels[0].sum()
    assert side * side * colours >= columns


def test_a_convolutional_network_tells_where_a_bright_bar_lies():
    rng = np.random.default_rng(0)
    upright = np.arange(120) % 2 == 0
    images = rng.normal(size=(120, 8, 8))
    for number, (image, stands) in enumerate(zip(images, upright, strict=True)):
        image[(slice(None), number % 8) if stands else (number % 8, slice(None))] += 3.0
    rows = (
        Hyperparameter("lr", "float", low=0.001, high=0.1, log=True, default=0.02),
        Hyperparameter("batch_size", "integer", low=8, high=64, default=16),
    )
    made, config = small("torch_cnn", "classification", *rows, max_budget=20.0)
    data = {"X": pd.DataFrame(images.reshape(120, 64)), "y": np.where(upright, "upright", "lying")}
    loss, _ = trained(made, config, data, budget=20.0)
    assert loss < 0.2


def test_half_precision_which_a_gpu_is_asked_for_trains_as_well():
    made, config = small("torch_mlp", max_budget=20.0)
    code = compose(made).code
    line = next(line for line in code.splitlines() if "half =" in line)
    assert 'device.type == "cuda"' in line
    data = {"X": made.dataset.X, "y": made.dataset.y}
    losses = []
    for text in (code, code.replace(line, "        half = True")):
        with quietly():
            configuration = space.configuration(space.to_configspace(made.space), config)
            losses.append(loaded(text)(configuration, data, 0, 20.0)[0])
    assert abs(losses[0] - losses[1]) < 0.2


def test_saved_networks_load_in_a_process_that_has_no_code_of_them_and_take_raw_features(tmp_path, monkeypatch):
    answers = {}
    X = table("classification").X
    X.to_pickle(tmp_path / "X.pkl")
    for name in NETWORKS:
        made, config = small(name)
        module = types.ModuleType("train")  # an importable one, as in the worker
        monkeypatch.setitem(sys.modules, "train", module)
        exec(compose(made).code, module.__dict__)
        configuration = space.configuration(space.to_configspace(made.space), config)
        data = {"X": made.dataset.X, "y": made.dataset.y}
        with quietly():
            _, model = module.train(configuration, data, 0, 1.0, str(tmp_path / name))
            answers[name] = list(model.predict(X))
    script = f"""
        import pandas as pd, pathlib, torch
        for name in {NETWORKS!r}:
            folder = pathlib.Path({str(tmp_path)!r})
            model = torch.load(next((folder / name).glob("*.pt")), weights_only=False)
            print(name, *model.predict(pd.read_pickle(folder / "X.pkl")))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    found = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert found == answers


@pytest.mark.parametrize("choice", ["torch_mlp", "forest", "torch_cnn", "svm"])
def test_networks_and_other_families_stand_behind_one_selector_with_preprocessing(choice):
    algorithm = Hyperparameter("algorithm", "categorical", choices=("torch_mlp", "forest", "torch_cnn", "svm"))
    rows = (
        algorithm,
        Hyperparameter("net_n_units", "integer", low=2, high=9),
        Hyperparameter("rf_max_depth", "integer", low=1, high=4),
        Hyperparameter("cnn_channels", "integer", low=2, high=4),
        Hyperparameter("svm_C", "float", low=0.1, high=9.0),
        Hyperparameter("scaling", "categorical", choices=("standard", "minmax", "robust", "none")),
        Hyperparameter("imputation", "categorical", choices=("mean", "most_frequent")),
        Hyperparameter("max_categories", "integer", low=2, high=9),
        Hyperparameter("feature_share", "float", low=0.3, high=1.0),
    )
    owners = {"net_n_units": "torch_mlp", "rf_max_depth": "forest", "cnn_channels": "torch_cnn", "svm_C": "svm"}
    conditions = tuple(Condition(name, (Clause("algorithm", "==", owner),)) for name, owner in owners.items())
    made = job(Space(rows, conditions))
    assert max(map(len, compose(made).code.splitlines())) <= 120
    configs = [c for seed in range(8) for c in space.sample(made.space, 4, seed=seed) if c["algorithm"] == choice][:2]
    X = made.dataset.X
    for config in configs:
        _, model = trained(made, config, budget=1.0)
        with quietly():
            assert set(model.predict(X)) <= LABELS
            assert list(model.predict(X.to_numpy())) == list(model.predict(X))


def test_a_table_of_categories_alone_and_one_row_of_a_class_are_enough():
    made, config = small("torch_resnet")
    data = {"X": table("classification").X[["kind", "when"]], "y": made.dataset.y}
    _, model = trained(made, config, data, budget=1.0)
    assert "rare" in model[-1].classes_


def _namespace(made):
    return loaded(compose(made).code).__globals__
