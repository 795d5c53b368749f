"""A Jupyter workbench to author, check and run AutoML training functions under SMAC.

The public names are loaded when they are first used: importing the package is fast and loads no SMAC, no
scikit-learn and no widgets.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.nouns import Dataset, Scenario, Space, WorkbenchError
    from workbench.session import Session
    from workbench.ui import Workbench

__version__ = "0.1.0"

__all__ = ["Dataset", "Scenario", "Session", "Space", "Workbench", "WorkbenchError", "__version__"]

_HOME = {
    "Dataset": "workbench.nouns",
    "Scenario": "workbench.nouns",
    "Space": "workbench.nouns",
    "WorkbenchError": "workbench.nouns",
    "Session": "workbench.session",
    "Workbench": "workbench.ui",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'workbench' has no attribute {name!r}; there are: {', '.join(__all__)}")


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext workbench` calls: it adds the cell magic `%%train`."""
    from workbench.ui.magic import register

    register(shell)


def __dir__() -> list[str]:
    return sorted(__all__)
