"""Tables: where they come from, what is known of them, how they are kept.

`load` goes from a path to a `Dataset` in one step, `read_table` and `make` in two (`find_table` also says what the
source knows of the table); `describe` says it in words, `save` and `open` keep it as plain files.
"""

from workbench.datasets.describe import describe
from workbench.datasets.digest import digest
from workbench.datasets.folder import open, save
from workbench.datasets.make import column_name, load, make
from workbench.datasets.profile import profile
from workbench.datasets.source import Source, Table
from workbench.datasets.sources.builtin import builtins
from workbench.datasets.tables import find_table, known_sources, read_table, suffixes
from workbench.datasets.task import guess_task

__all__ = [
    "Source",
    "Table",
    "builtins",
    "column_name",
    "describe",
    "digest",
    "find_table",
    "guess_task",
    "known_sources",
    "load",
    "make",
    "open",
    "profile",
    "read_table",
    "save",
    "suffixes",
]
