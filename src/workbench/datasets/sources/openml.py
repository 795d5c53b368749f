"""Tables of openml.org by their number, through scikit-learn, which keeps what it once fetched."""

from __future__ import annotations

import os
import warnings
from typing import Any
from urllib.error import HTTPError, URLError

from workbench.datasets.source import Extra, Source, Table
from workbench.nouns import DatasetError, Notice

PREFIX = "openml:"
PATIENCE_S = 1.0
"""Between two tries."""


def _accepts(source: Any) -> bool:
    return isinstance(source, str) and source.startswith(PREFIX)


def _read(source: Any, encoding: str | None) -> Table:
    from sklearn.datasets import fetch_openml

    number = source.removeprefix(PREFIX).strip()
    if not number.isdigit() or int(number) == 0:
        raise DatasetError(f"{source!r} names no number; write openml:61 with the number that openml.org shows")
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            bunch = fetch_openml(
                data_id=int(number), as_frame=True, parser="auto", n_retries=1, delay=PATIENCE_S, data_home=_cache()
            )
    except HTTPError as error:
        if error.code in (404, 412):
            raise DatasetError(f"openml.org has no table with the number {number}; look it up there") from error
        raise DatasetError(f"openml.org answered with an error ({error.code}); try again later") from error
    except URLError as error:
        raise DatasetError(
            f"openml.org cannot be reached ({_reason(error)}), and table {number} was not fetched before; "
            "go online once, or give a file"
        ) from error
    except OSError as error:
        raise DatasetError(f"table {number} of openml.org cannot be fetched or kept ({_reason(error)})") from error
    except Exception as error:  # what the server sends may be broken in any way
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        if reason.endswith("not found."):
            raise DatasetError(f"openml.org has no table with the number {number}; look it up there") from error
        raise DatasetError(f"table {number} of openml.org cannot be read ({reason}); give a file instead") from error
    frame = bunch.frame
    target = bunch.target_names[0] if len(bunch.target_names) == 1 else None
    told = tuple(Notice("info", " ".join(str(w.message).split())) for w in caught if w.category is UserWarning)
    frame.attrs = {Extra.KEY: Extra(notices=told[:3])}
    return Table(frame, str(bunch.details.get("name", f"openml-{number}")), source, target=target)


def _cache() -> str | None:
    """Where fetched tables are kept: scikit-learn's own folder, `SCIKIT_LEARN_DATA` where that is set."""
    return os.environ.get("SCIKIT_LEARN_DATA")


def _reason(error: OSError) -> str:
    reason = getattr(error, "reason", None) or error.strerror or error
    return " ".join(str(reason).split())[:120]


SOURCE = Source("openml", "Table of openml.org", "openml:61", _accepts, _read, order=6)
