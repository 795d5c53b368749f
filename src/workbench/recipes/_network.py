"""What networks of PyTorch have in common: the classes that composed code holds, as text, and their parameters."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.nouns import Hyperparameter, Task
from workbench.recipes._recipe import Parameter

IMPORTS: Mapping[str, tuple[str, ...]] = {
    "dataclasses": ("dataclass",),
    "torch": ("nn",),
    "sklearn.base": ("BaseEstimator",),
}
MIXINS: Mapping[Task, str] = {"classification": "ClassifierMixin", "regression": "RegressorMixin"}
FULL_EPOCHS = 30

TRAINING = (
    Parameter("epochs", "integer", low=1, aliases=("n_epochs", "num_epochs", "max_epochs", "max_iter", "iterations")),
    Parameter("learning_rate", "number", low=1e-7, high=1.0, aliases=("lr", "learning_rate_init")),
    Parameter("weight_decay", "number", low=0.0, high=10.0, aliases=("alpha", "l2")),
    Parameter("batch_size", "integer", low=1, aliases=("batch",)),
    Parameter("dropout", "number", low=0.0, high=0.95, aliases=("dropout_rate", "p_dropout")),
)

PRESET = (
    Hyperparameter("learning_rate", "float", low=1e-4, high=3e-2, log=True, default=3e-3),
    Hyperparameter("weight_decay", "float", low=1e-6, high=1e-1, log=True, default=1e-4),
    Hyperparameter("dropout", "float", low=0.0, high=0.5, default=0.1),
    Hyperparameter("batch_size", "integer", low=16, high=512, log=True, default=64),
)

NETWORK = '''
@dataclass(eq=False)
class _Network({mixin}, BaseEstimator):
    """Layers of PyTorch behind `fit` and `predict`, on the GPU where there is one; one seed, one result."""

    epochs: int = 30
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4
    batch_size: int = 64
    dropout: float = 0.1
    random_state: int = 0

    def fit(self, X: Any, y: Any) -> Any:
        """Train new layers for all epochs."""
        seed = int(self.random_state)
        torch.manual_seed(seed)
        torch.use_deterministic_algorithms(True, warn_only=True)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
{targets}
        network = self.layers(X, outputs).to(device)
        inputs, targets = self.tensor(X).to(device), targets.to(device)
        settings = {{"lr": self.learning_rate, "weight_decay": self.weight_decay, "fused": True}}
        optimiser = torch.optim.AdamW(network.parameters(), **settings)
        large = sum(part.numel() for part in network.parameters()) > 1_000_000  # half precision pays from there
        half = large and device.type == "cuda" and torch.cuda.is_bf16_supported()
        for epoch in range(self.epochs):
            network.train()
            for batch in torch.randperm(len(targets)).to(device).split(self.batch_size):
                with torch.autocast(device.type, dtype=torch.bfloat16, enabled=half):
                    answers = network(inputs[batch])
                error = {error}
                optimiser.zero_grad()
                error.backward()
                nn.utils.clip_grad_norm_(network.parameters(), 1.0)
                optimiser.step()
            if (epoch + 1) % max(1, self.epochs // 5) == 0:
                print(f"epoch {{epoch + 1}} of {{self.epochs}}: {{error.item():.4f}}")
        self.network_ = network.eval().cpu()
        return self

    def predict(self, X: Any) -> np.ndarray:
        """One prediction for each row."""
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        network = self.network_.to(device)
        with torch.no_grad():
            answers = torch.cat([network(rows.to(device)).cpu() for rows in self.tensor(X).split(4_096)])
        self.network_ = network.cpu()
        return {answer}

    def tensor(self, X: Any) -> torch.Tensor:
        """Rows as PyTorch takes them."""
        return torch.as_tensor(np.asarray(X, dtype=np.float32))
'''

BY_TASK: Mapping[Task, Mapping[str, str]] = {
    "classification": {
        "targets": """\
        self.classes_, codes = np.unique(y, return_inverse=True)
        outputs, targets = len(self.classes_), torch.as_tensor(codes)""",
        "error": "nn.functional.cross_entropy(answers.float(), targets[batch])",
        "answer": "self.classes_[answers.argmax(dim=1).numpy()]",
    },
    "regression": {
        "targets": """\
        outputs, targets = 1, torch.as_tensor(np.asarray(y, dtype=np.float32)).reshape(-1, 1)""",
        "error": "nn.functional.mse_loss(answers.float(), targets[batch])",
        "answer": "answers.double().numpy().ravel()",
    },
}

EMBEDDING = '''
class _Embedding(nn.Module):
    """Numbers as they are, and for each category a vector that is learnt."""

    def __init__(self, X: pd.DataFrame) -> None:
        super().__init__()
        self.codes = [i for i, name in enumerate(X.columns) if name.startswith("categories")]
        self.numbers = [i for i in range(X.shape[1]) if i not in self.codes]
        sizes = [int(X.iloc[:, i].max()) + 2 for i in self.codes]  # one for what is missing or new
        self.tables = nn.ModuleList([nn.Embedding(size, min(32, (size + 1) // 2)) for size in sizes])
        self.width = len(self.numbers) + sum(table.embedding_dim for table in self.tables)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        codes = rows[:, self.codes].long() + 1  # what is missing or new is -1
        vectors = [table(codes[:, i]) for i, table in enumerate(self.tables)]
        return torch.cat([rows[:, self.numbers], *vectors], dim=1)
'''


def network(task: Task) -> str:
    """The class that trains any layers, for a task."""
    return NETWORK.format(mixin=MIXINS[task], **BY_TASK[task])
