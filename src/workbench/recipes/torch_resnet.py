"""A residual network for tables in PyTorch: embeddings of categories, then blocks that each add to what came in."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._network import EMBEDDING, FULL_EPOCHS, PRESET, TRAINING
from workbench.recipes._recipe import Parameter, Recipe

BLOCK = '''
class _Block(nn.Module):
    """What comes in, and two layers' worth added to it."""

    def __init__(self, width: int, inner: int, dropout: float) -> None:
        super().__init__()
        before, after = nn.Linear(width, inner), nn.Linear(inner, width)
        self.added = nn.Sequential(nn.LayerNorm(width), before, nn.ReLU(), nn.Dropout(dropout), after)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        return rows + self.added(rows)
'''

LAYERS = '''
@dataclass(eq=False)
class _ResidualNetwork(_Network):
    """Blocks that each add to what came in."""

    n_blocks: int = 2
    n_units: int = 128
    hidden_factor: float = 2.0

    def layers(self, X: pd.DataFrame, outputs: int) -> nn.Module:
        """The layers, not yet trained."""
        embedding, width = _Embedding(X), self.n_units
        blocks = [_Block(width, max(1, round(self.hidden_factor * width)), self.dropout) for _ in range(self.n_blocks)]
        last = [nn.LayerNorm(width), nn.ReLU(), nn.Linear(width, outputs)]
        return nn.Sequential(embedding, nn.Linear(embedding.width, width), *blocks, *last)
'''

RECIPE = Recipe(
    id="torch_resnet",
    title="Residual network (PyTorch)",
    summary="Embeddings of categories and residual blocks: deeper than a plain network, and easier to train.",
    module="",
    estimators={"classification": "_ResidualNetwork", "regression": "_ResidualNetwork"},
    requires="torch",
    short="res",
    names=("resnet", "residual_mlp", "tabular_resnet", "residual"),
    parameters=(
        *TRAINING,
        Parameter("n_blocks", "integer", low=1, high=16, aliases=("blocks", "num_blocks", "n_layers", "depth")),
        Parameter("n_units", "integer", low=1, high=8_192, aliases=("units", "hidden_size", "width", "d_block")),
        Parameter("hidden_factor", "number", low=0.25, high=8.0, aliases=("hidden_multiplier", "expansion")),
    ),
    preset=(
        Hyperparameter("n_blocks", "integer", low=1, high=6, default=2),
        Hyperparameter("n_units", "integer", low=16, high=256, log=True, default=64),
        Hyperparameter("hidden_factor", "float", low=1.0, high=4.0, default=2.0),
        *PRESET,
    ),
    effort="epochs",
    full_effort=FULL_EPOCHS,
    scaled=True,
    scales_target=True,
    classes=(EMBEDDING, BLOCK, LAYERS),
    codes=True,
    order=57,
)
