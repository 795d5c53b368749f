"""Whatever type a column has, it becomes one of a few."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable
from typing import Any

import dateutil.tz
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from workbench.datasets.columns import normalised
from workbench.nouns import Notice


def series(values: Any, dtype: Any = None) -> pd.Series:
    return pd.Series(values, dtype=dtype, name="a")


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        *((t, t) for t in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool", "str")),
        ("float16", "float32"),
        ("float32", "float32"),
        ("float64", "float64"),
        ("longdouble", "float64"),
        (">i4", "int32"),
        (">f8", "float64"),
        ("Int8", "int8"),
        ("UInt64", "uint64"),
        ("Float32", "float32"),
        ("boolean", "bool"),
        ("string", "str"),
        ("string[python]", "str"),
        ("int64[pyarrow]", "int64"),
        ("uint8[pyarrow]", "uint8"),
        ("float[pyarrow]", "float32"),
        ("double[pyarrow]", "float64"),
        ("bool[pyarrow]", "bool"),
        ("string[pyarrow]", "str"),
        ("object", "int64"),
        (pd.SparseDtype("float64"), "float64"),
        (pd.ArrowDtype(pa.string()), "str"),
        (pd.ArrowDtype(pa.decimal128(30, 2)), "float64"),
    ],
)
def test_a_type_becomes_its_plain_counterpart(given: Any, becomes: str) -> None:
    column, notice = normalised(series([0, 1, 1]).astype(given))
    assert (str(column.dtype), notice, column.name) == (becomes, None, "a")
    expected = ["0", "1", "1"] if becomes == "str" and "pyarrow" not in str(given) else [0, 1, 1]
    assert [float(v) for v in column] == [0, 1, 1] or column.tolist() == expected


@pytest.mark.parametrize("given", ["Int64", "UInt8", "int64[pyarrow]", "object", "Float64", "double[pyarrow]"])
def test_numbers_with_missing_values_are_floats(given: str) -> None:
    column, notice = normalised(series([7, pd.NA, 9], "Int64").astype(given))
    assert (str(column.dtype), notice) == ("float64", None)
    np.testing.assert_array_equal(column, [7, np.nan, 9])


@pytest.mark.parametrize("given", ["boolean", "bool[pyarrow]", "object"])
def test_booleans_with_missing_values_stay_booleans(given: str) -> None:
    column, notice = normalised(series([True, pd.NA, False], "boolean").astype(given))
    assert (str(column.dtype), notice) == ("object", None)
    assert column[0] is True
    assert np.isnan(column[1])
    assert column[2] is False


def test_no_number_is_changed_on_the_way() -> None:
    column, _ = normalised(series([2**64 - 1, 0], "uint64"))
    assert column.tolist() == [2**64 - 1, 0]
    column, _ = normalised(series([2**70, 1], "object"))
    assert column.tolist() == [2.0**70, 1.0]


@pytest.mark.parametrize(
    ("categories", "kind", "expected"),
    [
        (["v", "u"], "str", ["v", "u"]),
        (pd.Index(["v", "u"], dtype="string[pyarrow]"), "str", ["v", "u"]),
        ([3, 1], "int64", [3, 1]),
        (pd.Index([3, 1], dtype="Int64"), "int64", [3, 1]),
        (pd.Index([3, 1], dtype="int64[pyarrow]"), "int64", [3, 1]),
        ([1.5, np.inf], "float64", [1.5, np.inf]),
        ([True, False], "str", ["True", "False"]),
        ([1, "b"], "str", ["1", "b"]),
        (pd.to_datetime(["2024-01-31", "2024-02-01"]), "str", ["2024-01-31 00:00:00", "2024-02-01 00:00:00"]),
    ],
)
@pytest.mark.parametrize("ordered", [True, False])
def test_categories_are_numbers_or_text_in_their_order(
    categories: Any, kind: str, expected: list[Any], ordered: bool
) -> None:
    column, notice = normalised(series(pd.Categorical.from_codes([0, -1, 1], categories, ordered=ordered)))
    assert notice is None
    assert column.cat.categories.tolist() == expected
    assert str(column.cat.categories.dtype) == kind
    assert column.cat.ordered is ordered
    assert column.cat.codes.tolist() == [0, -1, 1]


def test_categories_that_read_alike_become_text() -> None:
    column, notice = normalised(series(pd.Categorical([1, "1", None])))
    assert column.tolist()[:2] == ["1", "1"]
    assert column.isna().tolist() == [False, False, True]
    assert notice == Notice("warning", "'a' mixes int and str; its values are read as text", "a")


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Berlin", dt.timezone(dt.timedelta(hours=-2, minutes=-30))])
def test_dates_keep_their_unit_and_zone(unit: str, zone: Any) -> None:
    given = series(pd.to_datetime(["2024-01-31", None])).dt.as_unit(unit)
    given = given.dt.tz_localize(zone) if zone else given
    column, notice = normalised(given)
    pd.testing.assert_series_equal(column, given)
    assert notice is None


@pytest.mark.parametrize("zone", [dt.timezone(dt.timedelta(hours=2), "named"), dateutil.tz.tzoffset("x", 7200)])
def test_a_zone_that_no_file_can_name_becomes_utc(zone: dt.tzinfo) -> None:
    column, notice = normalised(series(pd.to_datetime(["2024-01-31"])).dt.tz_localize(zone))
    assert column.tolist() == [pd.Timestamp("2024-01-30 22:00", tz="UTC")]
    assert notice == Notice("info", f"'a' was in the time zone {zone}; it is in UTC now", "a")


@pytest.mark.parametrize(
    "given",
    [
        series([dt.date(2024, 1, 31), None]),
        series([dt.datetime(2024, 1, 31), None], "object"),
        series([dt.date(2024, 1, 31), None], pd.ArrowDtype(pa.date32())),
        series([dt.datetime(2024, 1, 31), None], pd.ArrowDtype(pa.timestamp("us"))),
    ],
)
def test_every_kind_of_date_is_a_date(given: pd.Series) -> None:
    column, notice = normalised(given)
    assert column.dtype.kind == "M"
    assert column[0] == pd.Timestamp("2024-01-31")
    assert column.isna().tolist() == [False, True]
    assert notice is None


@pytest.mark.parametrize(
    "given",
    [
        series([dt.timedelta(minutes=1), None]),
        series([dt.timedelta(minutes=1), None], "object"),
        series([dt.timedelta(minutes=1), None], pd.ArrowDtype(pa.duration("ms"))),
    ],
)
def test_durations_become_seconds(given: pd.Series) -> None:
    column, notice = normalised(given)
    np.testing.assert_array_equal(column, [60.0, np.nan])
    assert notice == Notice("info", "'a' was a duration; it is in seconds now", "a")


@pytest.mark.parametrize(
    ("values", "texts", "text"),
    [
        ([1, "b", None], ["1", "b"], "'a' mixes int and str; its values are read as text"),
        ([1.5, True, "b"], ["1.5", "True", "b"], "'a' mixes bool, float and str; its values are read as text"),
        ([b"x", None], ["b'x'"], "'a' holds values of type bytes; they are read as text"),
        ([dt.time(1), None], ["01:00:00"], "'a' holds values of type time; they are read as text"),
        (
            pd.period_range("2024-01", periods=2, freq="M"),
            ["2024-01", "2024-02"],
            "'a' holds values of type Period; they are read as text",
        ),
        (
            [dt.datetime(2024, 1, 31), dt.datetime(2024, 1, 31, tzinfo=dt.UTC)],
            ["2024-01-31 00:00:00", "2024-01-31 00:00:00+00:00"],
            "'a' holds dates that differ in kind; they are read as text",
        ),
        ([10**400, 1], [str(10**400), "1"], "'a' holds numbers too large for a float; they are read as text"),
    ],
)
def test_what_fits_no_type_is_text_with_a_notice(values: Any, texts: list[str], text: str) -> None:
    column, notice = normalised(series(values, None if isinstance(values, pd.PeriodIndex) else "object"))
    assert str(column.dtype) == "str"
    assert column.dropna().tolist() == texts
    assert notice == Notice("warning", text, "a")


@pytest.mark.parametrize(
    ("values", "becomes"),
    [
        ([decimal.Decimal("1.5"), None], "float64"),
        ([np.int8(1), np.float32(2)], "int64"),
        ([1, 2.5], "float64"),
        ([None, None], "float64"),
        (["x", None], "str"),
    ],
)
def test_objects_of_one_kind_get_its_type(values: list[Any], becomes: str) -> None:
    column, notice = normalised(series(values, "object"))
    assert (str(column.dtype), notice) == (becomes, None)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([1, [2]], "'a' holds a list in row 1; a cell is a number, a text, a boolean or a date"),
        ([{"b": 1}], "'a' holds a dict in row 0; a cell is a number, a text, a boolean or a date"),
        ([np.zeros(2), 1], "'a' holds an ndarray in row 0; a cell is a number, a text, a boolean or a date"),
        ([object()], "'a' holds an object in row 0; a cell is a number, a text, a boolean or a date"),
        (
            ["b", "\ud800"],
            "'a' holds a text in row 1 that is not valid Unicode (surrogates not allowed); remove that character",
        ),
        (
            ["b", "\ud800", 1],
            "'a' holds a text in row 1 that is not valid Unicode (surrogates not allowed); remove that character",
        ),
    ],
)
def test_what_is_no_cell_is_refused(refusal: Callable[..., str], values: list[Any], text: str) -> None:
    assert refusal(normalised, series(values, "object")) == text


def test_complex_numbers_are_refused(refusal: Callable[..., str]) -> None:
    text = "'a' holds complex numbers; split it into its real and imaginary parts"
    assert refusal(normalised, series([1j, 2j])) == text
    assert refusal(normalised, series([1j, 2j], "object")) == text
    assert refusal(normalised, series([1j, 2j], "category")) == text
