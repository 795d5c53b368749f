"""A convolutional network for images in PyTorch; each row of the table holds the pixels of one."""

from __future__ import annotations

from workbench.nouns import Hyperparameter
from workbench.recipes._network import FULL_EPOCHS, PRESET, TRAINING
from workbench.recipes._recipe import Parameter, Recipe

PIXELS = '''
class _Pixels(nn.Module):
    """Rows of pixels as square images: of three colours where the columns are three squares, else of one."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.colours = 3 if columns == 3 * math.isqrt(columns // 3) ** 2 else 1
        self.side = math.isqrt((columns - 1) // self.colours) + 1  # what is missing to a square is filled with zeros

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        rows = nn.functional.pad(rows, (0, self.colours * self.side**2 - rows.shape[1]))
        return rows.reshape(len(rows), self.side, self.side, self.colours).permute(0, 3, 1, 2)
'''

LAYERS = '''
@dataclass(eq=False)
class _ImageNetwork(_Network):
    """Convolutions, each followed by a half as large image, then the mean over what is left."""

    n_blocks: int = 2
    n_filters: int = 32
    kernel_size: int = 3

    def layers(self, X: Any, outputs: int) -> nn.Module:
        """The layers, not yet trained."""
        steps = [_Pixels(X.shape[1])]
        width = steps[0].colours
        for block in range(self.n_blocks):
            filters = self.n_filters * min(4, 2**block)
            steps += [nn.Conv2d(width, filters, self.kernel_size, padding="same"), nn.GroupNorm(1, filters)]
            steps += [nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
            width = filters
        steps += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(self.dropout), nn.Linear(width, outputs)]
        return nn.Sequential(*steps)
'''

RECIPE = Recipe(
    id="torch_cnn",
    title="Convolutional network (PyTorch)",
    summary="For images whose pixels are the columns, row by row: square ones, grey or with three colours a pixel.",
    module="",
    estimators={"classification": "_ImageNetwork", "regression": "_ImageNetwork"},
    requires="torch",
    short="cnn",
    names=("convolutional_network", "convnet", "conv_net"),
    parameters=(
        *TRAINING,
        Parameter("n_blocks", "integer", low=1, high=6, aliases=("n_conv_layers", "conv_layers", "n_layers", "depth")),
        Parameter("n_filters", "integer", low=1, high=512, aliases=("filters", "num_filters", "channels")),
        Parameter("kernel_size", "integer", low=1, high=9, aliases=("kernel", "filter_size")),
    ),
    preset=(
        Hyperparameter("n_blocks", "integer", low=1, high=3, default=2),
        Hyperparameter("n_filters", "integer", low=8, high=64, log=True, default=16),
        Hyperparameter("kernel_size", "ordinal", choices=(3, 5), default=3),
        *PRESET,
    ),
    effort="epochs",
    full_effort=FULL_EPOCHS,
    scaled=True,
    scales_target=True,
    classes=(PIXELS, LAYERS),
    order=95,
)
