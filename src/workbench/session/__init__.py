"""The session: the current value of each noun, and the actions between them."""

from workbench.session.session import Message, Session
from workbench.session.steps import StepState

__all__ = ["Message", "Session", "StepState"]
