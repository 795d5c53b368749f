"""Tables: where they come from, what is known of them, how they are kept.

`load` goes from a path to a `Dataset` in one step, `read_table` and `make` in two (`find_table` also says what the
source knows of the table); `describe` says it in words, `save` and `open` keep it as plain files.
"""

from workbench.datasets import holdout
from workbench.datasets.describe import describe
from workbench.datasets.digest import digest
from workbench.datasets.folder import open, save
from workbench.datasets.make import Part, load, make
from workbench.datasets.names import column_name
from workbench.datasets.parts import as_split
from workbench.datasets.profile import profile
from workbench.datasets.source import Extra, Source, Table
from workbench.datasets.sources.arrays import role
from workbench.datasets.sources.builtin import builtins
from workbench.datasets.tables import find_table, known_sources, read_table, suffixes
from workbench.datasets.task import guess_task
from workbench.datasets.types import LEAVE_OUT, TYPES

__all__ = [
    "LEAVE_OUT",
    "TYPES",
    "Extra",
    "Part",
    "Source",
    "Table",
    "as_split",
    "builtins",
    "column_name",
    "describe",
    "digest",
    "find_table",
    "guess_task",
    "holdout",
    "known_sources",
    "load",
    "make",
    "open",
    "profile",
    "read_table",
    "role",
    "save",
    "suffixes",
]
