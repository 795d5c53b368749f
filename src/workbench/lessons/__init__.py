"""The checks of the exercises in `notebooks/lessons`: each says whether an answer is right, or what is missing.

In a notebook: `from workbench.lessons import spaces`, then `spaces.check("range", wb)`.
"""
