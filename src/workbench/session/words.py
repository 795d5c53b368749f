"""Numbers of calls in words, the same in every view."""

from __future__ import annotations

from workbench.generate.model import Completion, Usage
from workbench.generate.prices import Spent


def usage_words(used: Spent | Completion, currency: str) -> str:
    """Tokens, seconds and cost of a call or of all, such as `1,200 tokens in (400 cached), 90 out, 3.2 s, 0.01 USD`."""
    count: Spent | Usage = used if isinstance(used, Spent) else used.usage
    about = "~" if isinstance(count, Usage) and count.estimated else ""
    cached = f" ({count.cached:,} cached)" if count.cached else ""
    parts = [f"{about}{count.tokens_in:,} tokens in{cached}, {about}{count.tokens_out:,} out", f"{used.seconds:.1f} s"]
    if isinstance(used, Spent):
        priced = used.calls > used.unpriced
        more = f" and {used.unpriced} call{'s' if used.unpriced != 1 else ''} without a price" if used.unpriced else ""
        parts.append(f"{used.cost:.4g} {currency}{more}" if priced else "no price known")
    else:
        parts.append("no price known" if used.cost is None else f"{used.cost:.4g} {currency}")
    return ", ".join(parts)
