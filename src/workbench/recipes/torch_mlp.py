"""A network for tables in PyTorch: embeddings of categories, then fully connected layers."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._network import EMBEDDING, FULL_EPOCHS, PRESET, TRAINING
from workbench.recipes._recipe import Parameter, Recipe

LAYERS = '''
@dataclass(eq=False)
class _TableNetwork(_Network):
    """Fully connected layers."""

    n_layers: int = 2
    n_units: int = 128
    activation: str = "relu"

    def layers(self, X: pd.DataFrame, outputs: int) -> nn.Module:
        """The layers, not yet trained."""
        activation = {"relu": nn.ReLU, "gelu": nn.GELU, "silu": nn.SiLU, "tanh": nn.Tanh}[self.activation]
        steps = [_Embedding(X)]
        width = steps[0].width
        for _ in range(self.n_layers):
            steps += [nn.Linear(width, self.n_units), nn.LayerNorm(self.n_units)]
            steps += [activation(), nn.Dropout(self.dropout)]
            width = self.n_units
        return nn.Sequential(*steps, nn.Linear(width, outputs))
'''

RECIPE = Recipe(
    id="torch_mlp",
    title="Neural network (PyTorch)",
    summary="Embeddings of categories and fully connected layers, on the GPU where there is one; budgets as epochs.",
    module="",
    estimators={"classification": "_TableNetwork", "regression": "_TableNetwork"},
    requires="torch",
    short="net",
    names=("pytorch", "pytorch_mlp", "embedding_network", "torch"),
    parameters=(
        *TRAINING,
        Parameter("n_layers", "integer", low=1, high=16, aliases=("layers", "num_layers", "n_hidden_layers", "depth")),
        Parameter("n_units", "integer", low=1, high=8_192, aliases=("units", "n_neurons", "hidden_size", "width")),
        Parameter("activation", "choice", choices=("relu", "gelu", "silu", "tanh")),
    ),
    preset=(
        Hyperparameter("n_layers", "integer", low=1, high=4, default=2),
        Hyperparameter("n_units", "integer", low=16, high=512, log=True, default=128),
        *PRESET,
    ),
    effort="epochs",
    full_effort=FULL_EPOCHS,
    scaled=True,
    scales_target=True,
    classes=(EMBEDDING, LAYERS),
    codes=True,
    order=56,
)
