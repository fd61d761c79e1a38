import numpy as np
import pytest

from service.errors import UnknownPlugin
from training.ingest.volume import Volume
from training.label.fusion import Ensemble, fuse
from training.label.port import MemberUnavailable, Proposal, Setting, Subject
from training.label.rules import apply_rules
from training.label.total_ids import EVERY_ID, HEART, LEFT_LOBES, LEFT_LUNG, TRACHEA


def proposal(*labels: int, known: set[int]) -> Proposal:
    return Proposal(np.array(labels, np.uint8).reshape(1, 1, -1), frozenset(known))


def test_the_preferred_source_wins_where_both_know_a_class() -> None:
    both = {
        "own": proposal(HEART, 0, known={HEART}),
        "atlas": proposal(0, HEART, known={HEART}),
    }
    found = fuse(both, {})
    assert found.labels.ravel().tolist() == [HEART, 0]
    assert HEART in found.known
    assert found.agreement[HEART] == 0


def test_what_equals_disagree_on_is_unknown() -> None:
    halves = {
        "atlas": proposal(HEART, 0, 0, known={HEART}),
        "student": proposal(0, HEART, 0, known={HEART}),
        "other": proposal(0, 0, HEART, known={HEART}),
    }
    assert HEART not in fuse(halves, {}).known


def test_lobes_take_the_place_of_a_whole_lung() -> None:
    found = fuse(
        {
            "atlas": proposal(*LEFT_LOBES, 0, known={*LEFT_LOBES}),
            "rules": proposal(LEFT_LUNG, LEFT_LUNG, TRACHEA, known={LEFT_LUNG, TRACHEA}),
        },
        {},
    )
    assert found.labels.ravel().tolist() == [*LEFT_LOBES, TRACHEA]
    assert found.known == {*LEFT_LOBES, TRACHEA}


def test_nobody_at_all_is_an_error_that_says_why() -> None:
    with pytest.raises(MemberUnavailable, match="no weights"):
        fuse({}, {"totalsegmentator": "no weights"})


def test_members_that_cannot_run_are_named_with_their_reason_and_the_rest_goes_on(
    phantom: Volume,
) -> None:
    names = ("own", "totalsegmentator", "nnunet", "atlas", "student", "rules")
    found = Ensemble.of(names, Setting()).label(Subject("a", phantom, apply_rules(phantom)))
    assert set(found.silent) == {"own", "totalsegmentator", "nnunet", "atlas", "student"}
    assert all(found.silent.values())
    assert LEFT_LUNG in found.known
    assert not found.known >= EVERY_ID


def test_a_member_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UnknownPlugin, match="oracle"):
        Ensemble.of(("oracle",), Setting())
