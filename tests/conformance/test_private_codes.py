"""docs/objects.md lists every private code that an object may hold."""

import re

from pydicom.sr.coding import Code as DicomCode

from service import measurements
from service.encoders import sr_codes
from service.encoders.coding import PRIVATE_SCHEME
from service.measurements.registry import MEASUREMENTS
from service.plugins import load
from tests.peers import REPOSITORY

ROWS = re.findall(
    rf"^\| {PRIVATE_SCHEME} \| (\S+) \| ([^|]+) \|([^|]*)\|",
    (REPOSITORY / "docs" / "objects.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
DOCUMENTED = {value: meaning for value, meaning, _ in ROWS}


def test_measurements_with_a_private_code_are_listed_with_their_unit() -> None:
    load(measurements)
    private = [each for _, each in MEASUREMENTS if each.code.scheme == PRIVATE_SCHEME]

    used = {(each.code.value, each.code.meaning, each.unit.value) for each in private}

    assert len(used) > 5
    assert used <= {(value, meaning, unit.strip()) for value, meaning, unit in ROWS}


def test_the_report_s_own_codes_are_listed() -> None:
    named = [each for each in vars(sr_codes).values() if isinstance(each, DicomCode)]
    listed = [*named, *sr_codes.STATUSES.values()]

    own = {each.value: each.meaning for each in listed if each.scheme_designator == PRIVATE_SCHEME}

    assert len(own) > 5
    assert own.items() <= DOCUMENTED.items()


def test_no_private_code_stands_for_two_things() -> None:
    values = [value for value, _, _ in ROWS]

    assert len(set(values)) == len(values)
    assert all(len(value) <= 16 for value in values)
