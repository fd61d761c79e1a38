"""The 117 classes of TotalSegmentator v2 `total`, by name and by code.

From the package's class map and its SNOMED CT table (Apache-2.0).
"""

import csv
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("totalsegmentator_classes.csv")
VERTEBRAE_FROM_C1 = 51  # id of a vertebra = 51 - its place from C1 = 1; L5 is 27, C1 is 50


@cache
def ids_by_name() -> dict[str, int]:
    """`heart` -> 51, as files are named: `vertebrae_T12` -> 32."""
    return {row["name"]: int(row["id"]) for row in _rows()}


@cache
def ids_by_code() -> dict[tuple[str, str], int]:
    """(type code, modifier code) -> id, where only one class has them."""
    codes = [(row["type_code"], row["modifier_code"]) for row in _rows()]
    return {
        code: int(row["id"])
        for code, row in zip(codes, _rows(), strict=True)
        if codes.count(code) == 1
    }


def vertebra_id(place: int) -> int | None:
    """The id of the vertebra that is `place`-th from C1 = 1 to L5 = 24; None beyond."""
    return VERTEBRAE_FROM_C1 - place if 1 <= place <= 24 else None  # noqa: PLR2004


@cache
def _rows() -> tuple[dict[str, str], ...]:
    with TABLE.open(encoding="utf-8") as file:
        return tuple(csv.DictReader(file))
