"""Where a `train` comes from: the offline composer, and the replies of language models."""

from workbench.generate.compose import compose
from workbench.generate.reply import extract_code, other_contract

__all__ = ["compose", "extract_code", "other_contract"]
