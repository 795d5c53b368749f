"""The report on a function: every rule's verdict, proved where it can be proved.

`check` reads the code and calls it in the isolated worker; `static` only reads it. What the function does is a finding,
never an exception.
"""

from workbench.check.checking import check, static
from workbench.check.writing import to_json, to_sarif, to_text

__all__ = ["check", "static", "to_json", "to_sarif", "to_text"]
