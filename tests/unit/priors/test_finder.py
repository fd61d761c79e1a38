from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from service.domain.prior import Prior
from service.errors import OutOfResources, PeerError
from service.priors.finder import PriorFinder, Source
from service.priors.history import Present
from service.priors.own import OwnResults
from tests.phantoms import MODEL, REFERENCE
from tests.present_films import KEY, NOW, PA, present

FOUND = Prior(REFERENCE, "20250101", PA, "somewhere", MODEL, ())


@dataclass
class Scripted:
    """A source that does what the test says."""

    name: str
    answer: Callable[[], Prior | None] = lambda: None
    asked: list[Present] = field(default_factory=list)

    def prior(self, present: Present) -> Prior | None:
        self.asked.append(present)
        return self.answer()


def failing(error: Exception) -> Callable[[], Prior | None]:
    def fail() -> Prior | None:
        raise error

    return fail


def finder(own: Scripted, *others: Scripted, is_wanted: bool = True) -> PriorFinder:
    sources = cast(list[Source], list(others))
    return PriorFinder(cast(OwnResults, own), sources, KEY, is_wanted)


def test_our_own_results_come_first_and_suffice() -> None:
    own, other = Scripted("database", lambda: FOUND), Scripted("a", lambda: FOUND)

    assert finder(own, other).prior(present()).prior is FOUND
    assert other.asked == []


def test_sources_are_asked_in_order_until_one_has_it() -> None:
    first, second, third = Scripted("a"), Scripted("b", lambda: FOUND), Scripted("c")

    lookup = finder(Scripted("database"), first, second, third).prior(present())

    assert (lookup.prior, lookup.reason) == (FOUND, None)
    assert [len(each.asked) for each in (first, second, third)] == [1, 1, 0]


def test_none_anywhere_is_said() -> None:
    lookup = finder(Scripted("database"), Scripted("a")).prior(present())

    assert lookup.reason is not None
    assert lookup.reason.code == "none_found"


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (PeerError("it is away"), "peer_unreachable", "not looked up: a: it is away"),
        (OutOfResources("no memory"), "out_of_resources", "not looked up: a: no memory"),
        (ValueError("SENTINEL"), "prior_failed", "not looked up: a: an unexpected error"),
    ],
)
def test_whatever_goes_wrong_is_a_reason_and_quotes_nothing(
    error: Exception, code: str, text: str
) -> None:
    lookup = finder(Scripted("database"), Scripted("a", failing(error))).prior(present())

    assert lookup.prior is None
    assert lookup.reason is not None
    assert (lookup.reason.code, lookup.reason.text) == (code, text)


def test_a_source_that_fails_does_not_keep_the_next_from_being_asked() -> None:
    broken, good = Scripted("a", failing(PeerError("away"))), Scripted("b", lambda: FOUND)

    assert finder(Scripted("database"), broken, good).prior(present()).prior is FOUND


def test_a_film_without_patient_or_date_is_looked_up_nowhere() -> None:
    own, now = Scripted("database"), present()
    for unknown, code in (("patient", "no_patient"), ("acquired", "no_date")):
        film = replace(now.film, **{unknown: None})
        lookup = finder(own).prior(replace(now, film=film))
        assert lookup.reason is not None
        assert lookup.reason.code == code

    assert own.asked == []


def test_who_wants_no_priors_looks_up_nothing() -> None:
    own = Scripted("database", lambda: FOUND)

    lookup = finder(own, is_wanted=False).prior(present())

    assert (lookup.prior, lookup.reason, own.asked) == (None, None, [])
    assert finder(own).film(NOW, PA) is not None, "it is still kept, for when they are wanted"
