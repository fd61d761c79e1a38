"""docs/conformance.md says what the code does."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydicom.uid import UID

from service.dimse.negotiation import (
    RECEIVED_SOP_CLASSES,
    RECEIVED_TRANSFER_SYNTAXES,
    SENT_SOP_CLASSES,
    name_of,
)
from service.dimse.part10 import IMPLEMENTATION_CLASS_UID
from service.dimse.store_status import StoreOutcome, outcome_of
from service.inbound import dimse_status
from service.inbound.doorkeeper import (
    CALLED_AE_TITLE_NOT_RECOGNISED,
    CALLING_AE_TITLE_NOT_RECOGNISED,
    LOCAL_LIMIT_EXCEEDED,
)
from service.inbound.limits import Limits
from tests.peers import REPOSITORY

STATEMENT = (REPOSITORY / "docs" / "conformance.md").read_text(encoding="utf-8")


def table(name: str) -> list[tuple[str, ...]]:
    """Return the rows of the table that is marked with `name`, without its head."""
    (found,) = re.findall(f"<!-- {name} -->\n(.*?)\n<!-- end -->", STATEMENT, re.DOTALL)
    rows = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in found.split("\n")
    ]
    return rows[2:]


def named(uids: Iterable[UID]) -> list[tuple[str, str]]:
    return [(name_of(each), str(each)) for each in uids]


@pytest.mark.parametrize(
    ("name", "uids"),
    [
        ("received sop classes", RECEIVED_SOP_CLASSES),
        ("received transfer syntaxes", RECEIVED_TRANSFER_SYNTAXES),
        ("sent sop classes", SENT_SOP_CLASSES),
    ],
)
def test_tables_of_uids_list_what_is_negotiated(name: str, uids: tuple[UID, ...]) -> None:
    assert table(name) == named(uids)


def test_limits_are_those_of_the_code() -> None:
    limits = Limits()
    stated = dict(table("limits"))
    numbers = {
        name: [int(each) for each in re.findall(r"\d+", text)] for name, text in stated.items()
    }

    assert numbers == {
        "Associations at once": [limits.maximum_connections, limits.maximum_connections_per_peer],
        "Idle association": [limits.idle_seconds],
        "Silence in the middle of a request or a message": [limits.silence_seconds],
        "Slowest message": [limits.minimum_bytes_per_second, limits.silence_seconds],
        "Largest object": [limits.maximum_object_bytes >> 20],
    }
    assert str(limits.maximum_pdu_bytes) in STATEMENT


def test_statuses_are_those_of_the_code() -> None:
    stated = {int(row[0], 16) for row in table("statuses")}
    used = {dimse_status.SUCCESS, *dimse_status.STATUS_BY_CODE.values()}

    assert stated == used | set(dimse_status.STATUS_BY_CLASS.values())


@pytest.mark.parametrize(
    "rejection",
    [CALLED_AE_TITLE_NOT_RECOGNISED, CALLING_AE_TITLE_NOT_RECOGNISED, LOCAL_LIMIT_EXCEEDED],
)
def test_rejections_are_those_of_the_code(rejection: tuple[int, int, int]) -> None:
    assert f"| {', '.join(map(str, rejection))} |" in STATEMENT


@pytest.mark.parametrize(
    ("phrase", "outcome"),
    [
        ("delivered", StoreOutcome.STORED),
        ("tried again", StoreOutcome.RETRY),
        ("given up at once", StoreOutcome.REFUSED),
    ],
)
def test_what_each_answer_leads_to_is_said_rightly(phrase: str, outcome: StoreOutcome) -> None:
    answers = "\n".join(line for line in STATEMENT.splitlines() if f"| {phrase}" in line)
    statuses = re.findall(r"0x([0-9A-F]{1,4}x{0,3})\b", answers)

    assert statuses
    assert {outcome_of(int(each.replace("x", "0"), 16)) for each in statuses} == {outcome}
    assert {outcome_of(int(each.replace("x", "F"), 16)) for each in statuses} == {outcome}


def test_our_implementation_is_named() -> None:
    assert IMPLEMENTATION_CLASS_UID in STATEMENT


def test_the_statement_links_to_pages_that_are_there() -> None:
    for page in re.findall(r"\]\(([a-z.]+\.md)\)", STATEMENT):
        assert Path(REPOSITORY, "docs", page).exists()
