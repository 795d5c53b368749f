"""The panels and the shell around them: a view on `session.py` that decides nothing."""

from workbench.ui.workbench import Workbench

__all__ = ["Workbench"]
