"""The error tree: what the workbench itself raises.

::

    WorkbenchError
    ├── DatasetError     a table that cannot be read or used
    ├── SpaceError       a search space, a row of it, a condition
    ├── FacadeError      a facade or a scenario that does not fit
    ├── ContractError    a return value that is not what the contract says
    ├── PromptError      a template or a value for it
    ├── GenerateError    a composer or a model that gave no function
    │   └── StoppedError because a person cancelled it
    ├── CheckError       a check that could not be made
    └── RunError         a run that could not be started, found or read

Each message says what happened, with the value, and then what would work. What generated code does
is data (a `Trial`, a `Finding`), never one of these.
"""


class WorkbenchError(Exception):
    """The root of every error that the workbench raises on purpose."""


class DatasetError(WorkbenchError, ValueError):
    """A table that cannot be read or used."""


class SpaceError(WorkbenchError, ValueError):
    """A search space, one of its rows, conditions or forbidden clauses."""


class FacadeError(WorkbenchError, ValueError):
    """A facade or a scenario that does not fit."""


class ContractError(WorkbenchError, ValueError):
    """A return value that is not what the contract says."""


class PromptError(WorkbenchError, ValueError):
    """A template, or a value that it asks for."""


class GenerateError(WorkbenchError):
    """A composer or a model that gave no function."""


class StoppedError(GenerateError):
    """Nothing came of a call because a person cancelled it; that is no fault, and is not shown as one."""


class CheckError(WorkbenchError):
    """A check that could not be made."""


class RunError(WorkbenchError):
    """A run that could not be started, found or read."""
