"""What ipywidgets lacks: small widgets with their own JavaScript, and the one stylesheet.

Each component is one file here and one file in `js/`; `static/` holds what the browser is sent.
"""

from workbench.ui.components.code_editor import CodeEditor
from workbench.ui.components.component import Component, Style, style
from workbench.ui.components.data_table import DataTable
from workbench.ui.components.dialog import Dialog
from workbench.ui.components.secret_box import SecretBox
from workbench.ui.components.stepper import Stepper
from workbench.ui.components.table_editor import TableEditor
from workbench.ui.components.text_box import TextBox
from workbench.ui.components.toast import Toast
from workbench.ui.components.unsent import unsent
from workbench.ui.components.upload import Upload

__all__ = [
    "CodeEditor",
    "Component",
    "DataTable",
    "Dialog",
    "SecretBox",
    "Stepper",
    "Style",
    "TableEditor",
    "TextBox",
    "Toast",
    "Upload",
    "style",
    "unsent",
]
