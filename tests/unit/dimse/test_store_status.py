import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom._globals import STATUS_FAILURE, STATUS_SUCCESS, STATUS_WARNING
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from service.dimse.store_status import StoreOutcome, outcome_of


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x0000, StoreOutcome.STORED),
        (0xB000, StoreOutcome.STORED),
        (0xB007, StoreOutcome.STORED),
        (0x0111, StoreOutcome.STORED),
        (0xA700, StoreOutcome.RETRY),
        (0xA7FF, StoreOutcome.RETRY),
        (0x0110, StoreOutcome.RETRY),
        (0x0213, StoreOutcome.RETRY),
        (0xFE00, StoreOutcome.RETRY),
        (0x0122, StoreOutcome.REFUSED),
        (0x0124, StoreOutcome.REFUSED),
        (0xA900, StoreOutcome.REFUSED),
        (0xA9FF, StoreOutcome.REFUSED),
        (0xC000, StoreOutcome.REFUSED),
        (0xCFFF, StoreOutcome.REFUSED),
    ],
    ids=lambda each: f"0x{each:04X}" if isinstance(each, int) else str(each),
)
def test_statuses_of_the_standard_mean_what_they_say(status: int, outcome: StoreOutcome) -> None:
    assert outcome_of(status) is outcome


@given(st.integers(0, 0xFFFF))
def test_there_is_an_outcome_for_every_status(status: int) -> None:
    assert outcome_of(status) in StoreOutcome


@pytest.mark.parametrize("status", sorted(STORAGE_SERVICE_CLASS_STATUS)[::37])
def test_no_failure_that_pynetdicom_knows_counts_as_stored(status: int) -> None:
    category, _ = STORAGE_SERVICE_CLASS_STATUS[status]

    stored = outcome_of(status) is StoreOutcome.STORED

    assert stored == (category in (STATUS_SUCCESS, STATUS_WARNING) or status == 0x0111)
    assert not (stored and category == STATUS_FAILURE and status != 0x0111)
