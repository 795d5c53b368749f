"""Prompts: templates that speak the rules, filled from a job, with every filled span known."""

from workbench.prompts.library import template_names, template_source, whole_template
from workbench.prompts.planning import render_plan, render_plan_again
from workbench.prompts.rendering import render
from workbench.prompts.repairing import render_repair
from workbench.prompts.tokens import estimate_tokens
from workbench.prompts.variant import Variant, compare, find_variants, read_variant, write_variant

__all__ = [
    "Variant",
    "compare",
    "estimate_tokens",
    "find_variants",
    "read_variant",
    "render",
    "render_plan",
    "render_plan_again",
    "render_repair",
    "template_names",
    "template_source",
    "whole_template",
    "write_variant",
]
