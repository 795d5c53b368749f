"""The text of a file: which encoding it is in, or one sentence on why it cannot be read."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from pathlib import Path

from workbench.nouns import DatasetError

# A mark at the start of a file says its encoding; the longer ones first, UTF-32's begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    (b"PAR1", "a Parquet file: name it .parquet"),
    (b"ARROW1", "a Feather file: name it .feather"),
    (b"PK\x03\x04", "a zip archive, as Excel and NumPy write them: name it .xlsx or .npz"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file: save it as .csv or .xlsx"),
    (b"\x1f\x8b", "compressed: name it .csv.gz"),
    (b"%PDF", "a PDF document: save its table as .csv"),
    (b"\x89PNG", "a picture: save the table itself as .csv"),
    (b"SQLite format 3", "an SQLite database: export the table as .csv"),
)


def read_text(path: Path, encoding: str | None = None) -> str:
    """The text of a file, unpacked where its name ends in `.gz`, without the mark at its start.

    Raises
    ------
    DatasetError
        If it cannot be read, is not text, or is text in another encoding than `encoding` (by default what the mark
        at its start says, else UTF-8).
    """
    try:
        data = path.read_bytes()
        if path.name.lower().endswith(".gz"):
            data = gzip.decompress(data)
    except (OSError, EOFError, MemoryError, zlib.error) as error:
        raise DatasetError(f"{path.name!r} cannot be read ({error}); check that it is whole") from error
    chosen = encoding or next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    for signature, what in _SIGNATURES:
        if data.startswith(signature):
            raise DatasetError(f"{path.name!r} is not text but {what}")
    if not encoding and chosen == "utf-8" and (null := data.find(b"\x00")) >= 0:
        wide = "utf-16-le" if null % 2 else "utf-16-be"
        raise DatasetError(
            f"{path.name!r} is not text: byte {null} is a null byte; "
            f"if it is UTF-16 text, encoding={wide!r} would read it, else save it as text"
        )
    try:
        text = data.decode(chosen)
    except UnicodeError as error:
        raise DatasetError(_undecodable(path, data, chosen, error)) from error
    except (LookupError, ValueError) as error:  # a name that is unknown, or of what is no text encoding
        known = "common ones are utf-8, cp1252, latin-1, utf-16"
        raise DatasetError(f"no encoding is named {chosen!r}; {known}") from error
    return text.removeprefix("\ufeff")


def _undecodable(path: Path, data: bytes, chosen: str, error: UnicodeError) -> str:
    if not isinstance(error, UnicodeDecodeError):
        return f"{path.name!r} is not {chosen} text ({error}); give the encoding that it was saved in"
    byte, line = data[error.start], data.count(b"\n", 0, error.start) + 1
    what = f"{path.name!r} is not {_spelled(chosen)} text: byte 0x{byte:02x} at position {error.start} (line {line})"
    for other in ("utf-8", "cp1252", "latin-1"):
        if other == chosen:
            continue
        try:
            data.decode(other)
        except UnicodeDecodeError:
            continue
        if other == "utf-8":
            return f"{what}; encoding='utf-8' would read it"
        around = re.split(r"[\s,;|\"]", data[max(0, error.start - 15) : error.start].decode(other))[-1]
        after = re.split(r"[\s,;|\"]", data[error.start : error.start + 15].decode(other))[0]
        return f"{what}; encoding={other!r} would read it, there as {around + after!r}"
    return f"{what}; give the encoding that it was saved in"


def _spelled(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(encoding, encoding)
