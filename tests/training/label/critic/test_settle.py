"""Two members of the ensemble that differ: the judge takes one, and the vote does the rest."""

from pathlib import Path

import numpy as np
import pytest

from tests.training.label.critic.scans import HEART_AT, SHAPE, ball, scan
from training.ingest.volume import Volume
from training.label.critic.choose import RECORD
from training.label.critic.classes import CLASS_KEYS, WHOLE_RIBS
from training.label.critic.pictures import BONES
from training.label.critic.question import Answer, Choice, JudgeFailed, Question
from training.label.critic.registry import judge_named
from training.label.critic.settle import Critic, pairs
from training.label.derive.totalsegmentator import FIRST_RIB
from training.label.fusion import Fused, fuse
from training.label.labelled import Labels
from training.label.port import Proposal, Subject
from training.label.rules import Rules
from training.label.total_ids import EVERY_ID, HEART, TRACHEA
from training.label.vote import Ballot

LIVER, SPLEEN = 5, 1


class Fails:
    """A judge that cannot be asked."""

    def better(self, question: Question) -> Answer:
        raise JudgeFailed(f"nobody to ask about the {question.key}")


def subject() -> Subject:
    drawn, nothing = scan(), np.zeros(SHAPE, np.bool_)
    rules = Rules(drawn.body, nothing, nothing, nothing, nothing, nothing, None)
    return Subject("anna", Volume(drawn.hu, drawn.spacing_mm), rules)


def proposed(heart: np.ndarray, *others: int) -> Proposal:
    """A heart somewhere, and in a corner what is the same whoever draws it."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[heart] = HEART
    for place, number in enumerate((LIVER, *others)):
        labels[1 + 4 * place : 4 + 4 * place, 1:3, 1:3] = number
    return Proposal(labels, frozenset({HEART, LIVER, *others}))


def beside() -> np.ndarray:
    """The heart's ball, moved into the left lung."""
    return ball((HEART_AT[0], HEART_AT[1], HEART_AT[2] + 8))


def fused(critic: Critic | None, **proposals: Proposal) -> Fused:
    judged = subject()
    settle = None if critic is None else lambda ballots: critic.settle(judged, ballots)
    return fuse(proposals, {}, settle)


def heart_of(found: Fused) -> np.ndarray:
    return np.asarray(found.labels == HEART)


def test_the_judge_overrules_the_heavier_member_where_it_drew_worse() -> None:
    members = {"atlas": proposed(beside()), "student": proposed(ball())}

    voted = fused(None, **members)
    found = fused(Critic(judge_named("rules")), **members)

    assert np.array_equal(heart_of(voted), beside())
    assert np.array_equal(heart_of(found), ball())
    decision = found.settled[HEART]
    assert (decision.chosen, decision.other, decision.undecided) == ("student", "atlas", False)
    assert decision.in_words().startswith("heart: student rather than atlas, Dice 0.")
    assert set(found.settled) == {HEART}  # they agree about the liver
    assert {HEART, LIVER} <= found.known


def test_what_equals_disagree_on_is_known_once_the_judge_chose() -> None:
    far = ball((HEART_AT[0], HEART_AT[1], 10.0))
    members = {"one": proposed(far), "two": proposed(ball())}

    assert HEART not in fused(None, **members).known
    found = fused(Critic(judge_named("rules")), **members)

    assert HEART in found.known
    assert np.array_equal(heart_of(found), ball())


def test_a_judge_that_fails_leaves_the_vote_as_it_was() -> None:
    members = {"atlas": proposed(beside()), "student": proposed(ball())}

    found = fused(Critic(Fails()), **members)

    assert np.array_equal(found.labels, fused(None, **members).labels)
    assert found.settled[HEART].undecided
    assert found.settled[HEART].in_words() == "heart: the judge is undecided, atlas or student"


def test_labels_that_came_with_the_volume_are_not_judged() -> None:
    found = fused(Critic(Fails()), own=proposed(beside()), atlas=proposed(ball()))

    assert found.settled == {}
    assert np.array_equal(heart_of(found), beside())


def test_answers_and_pictures_are_kept_for_each_volume(tmp_path: Path) -> None:
    stale = tmp_path / "anna" / "atlas-student" / "liver.png"
    stale.parent.mkdir(parents=True)
    stale.write_text("an earlier run's")

    members = {"atlas": proposed(beside()), "student": proposed(ball())}
    fused(Critic(judge_named("rules"), tmp_path), **members)

    kept = {path.name for path in (tmp_path / "anna" / "atlas-student").iterdir()}
    assert kept == {RECORD, "heart.png"}


def ballot(weight: float, *shown: int, known: set[int]) -> Ballot:
    labels: Labels = np.array(shown, np.uint8).reshape(1, 1, -1)
    return Ballot(labels, frozenset(known), weight)


def test_each_class_is_between_the_two_that_weigh_most_and_show_it() -> None:
    ballots = {
        "light": ballot(0.5, HEART, LIVER, TRACHEA, known={HEART, LIVER, TRACHEA}),
        "heavy": ballot(3.0, HEART, LIVER, SPLEEN, known={HEART, LIVER, TRACHEA, SPLEEN}),
        "middle": ballot(1.0, HEART, SPLEEN, 0, known={HEART, SPLEEN}),
    }

    assert pairs(ballots) == {
        ("heavy", "middle"): {"heart": HEART},
        ("heavy", "light"): {"liver": LIVER},  # the heavy one shows no trachea
    }


def test_every_class_that_is_asked_about_has_words_and_whole_ribs_are_bones() -> None:
    asked = Question("rib_5_left", scan(), ball(), ball())

    assert asked.label == "Left rib 5"
    assert CLASS_KEYS[FIRST_RIB["left"] + 4] == "rib_5_left"
    assert set(WHOLE_RIBS) <= BONES
    assert len(set(CLASS_KEYS.values())) == len(CLASS_KEYS)
    for key in CLASS_KEYS.values():
        assert Question(key, scan(), ball(), ball()).label


@pytest.mark.parametrize("choice", [Choice.FIRST, Choice.SECOND])
def test_a_judge_that_prefers_a_place_changes_nothing(choice: Choice) -> None:
    class Prefers:
        def better(self, _: Question) -> Answer:
            return Answer(choice, "always")

    members = {"atlas": proposed(beside(), *sorted(EVERY_ID)[:1]), "student": proposed(ball())}

    found = fused(Critic(Prefers()), **members)

    assert np.array_equal(heart_of(found), beside())
    assert found.settled[HEART].undecided
