"""The session: the current value of each noun, and the actions between them."""

from workbench.session.isolation import Isolation
from workbench.session.message import Message
from workbench.session.session import Session
from workbench.session.steps import StepState
from workbench.session.words import usage_words

__all__ = ["Isolation", "Message", "Session", "StepState", "usage_words"]
