"""The values that flow between the rooms: small frozen dataclasses, and the error tree.

Importing this package loads no third-party library.
"""

from workbench.nouns.call import Call, Limits, Reply
from workbench.nouns.candidate import (
    Candidate,
    Finding,
    Level,
    Origin,
    Prompt,
    Report,
    Span,
    Verdict,
)
from workbench.nouns.cluster import Cluster
from workbench.nouns.dataset import Column, ColumnKind, ColumnType, Dataset, Notice, Profile, Sealed, Split, Task
from workbench.nouns.errors import (
    CheckError,
    ContractError,
    DatasetError,
    FacadeError,
    GenerateError,
    PromptError,
    RunError,
    SpaceError,
    StoppedError,
    WorkbenchError,
)
from workbench.nouns.instance import Instance
from workbench.nouns.proposal import PARTS, Part, Proposal, ProposedNumber
from workbench.nouns.rule import Case, Example, Find, Group, Mutate, Probe, Rule, Seen
from workbench.nouns.scenario import Contract, Facade, Fit, Job, Outcome, Scenario
from workbench.nouns.space import (
    Clause,
    Condition,
    Forbidden,
    Hyperparameter,
    HyperparameterKind,
    Operator,
    Prior,
    Relation,
    Space,
    Value,
)
from workbench.nouns.trial import RunState, Trial, TrialStatus

__all__ = [
    "PARTS",
    "Call",
    "Candidate",
    "Case",
    "CheckError",
    "Clause",
    "Cluster",
    "Column",
    "ColumnKind",
    "ColumnType",
    "Condition",
    "Contract",
    "ContractError",
    "Dataset",
    "DatasetError",
    "Example",
    "Facade",
    "FacadeError",
    "Find",
    "Finding",
    "Fit",
    "Forbidden",
    "GenerateError",
    "Group",
    "Hyperparameter",
    "HyperparameterKind",
    "Instance",
    "Job",
    "Level",
    "Limits",
    "Mutate",
    "Notice",
    "Operator",
    "Origin",
    "Outcome",
    "Part",
    "Prior",
    "Probe",
    "Profile",
    "Prompt",
    "PromptError",
    "Proposal",
    "ProposedNumber",
    "Relation",
    "Reply",
    "Report",
    "Rule",
    "RunError",
    "RunState",
    "Scenario",
    "Sealed",
    "Seen",
    "Space",
    "SpaceError",
    "Span",
    "Split",
    "StoppedError",
    "Task",
    "Trial",
    "TrialStatus",
    "Value",
    "Verdict",
    "WorkbenchError",
]
