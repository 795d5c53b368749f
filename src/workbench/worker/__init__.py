"""The isolated process in which generated code runs.

A `Worker` starts a *zygote*, a clean process that holds the data; for each call it forks a guarded child. What comes
back is JSON, never a pickle: numbers, sentences, observations. Whatever the function does is a `Reply`.
"""

from workbench.nouns import Call, Limits, Reply
from workbench.worker.environment import prepare
from workbench.worker.handle import Worker

__all__ = ["Call", "Limits", "Reply", "Worker", "prepare"]
