"""Prompts: templates that speak the rules, filled from a job, with every filled span known."""

from workbench.prompts.library import template_names, template_source
from workbench.prompts.rendering import render
from workbench.prompts.tokens import estimate_tokens

__all__ = ["estimate_tokens", "render", "template_names", "template_source"]
