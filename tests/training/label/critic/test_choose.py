"""Which of two sources is taken, and what is written about it."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.label.critic.scans import HEART_AT, SHAPE, ball, question, scan
from training.channels import number_of
from training.label.critic.choose import RECORD, Sources, choose, criticise, differing
from training.label.critic.question import Answer, Choice, JudgeFailed, Question
from training.label.critic.registry import judge_named

NAMES = ("ours", "theirs")


@dataclass
class Says:
    """A judge that answers the same whatever it is shown."""

    choice: Choice

    def better(self, _: Question) -> Answer:
        return Answer(self.choice, "always")


class Broken:
    """A judge that cannot be asked."""

    def better(self, _: Question) -> Answer:
        raise JudgeFailed("nobody there")


def moved() -> np.ndarray:
    return ball((HEART_AT[0], HEART_AT[1], HEART_AT[2] - 6))


@pytest.mark.parametrize(
    ("masks", "chosen"), [((ball(), moved()), "ours"), ((moved(), ball()), "theirs")]
)
def test_the_better_mask_is_taken_whoever_drew_it(
    masks: tuple[np.ndarray, np.ndarray], chosen: str
) -> None:
    decision = choose(question(*masks), judge_named("rules"), NAMES, 0.5)

    assert decision.chosen == chosen
    assert not decision.undecided


@pytest.mark.parametrize("choice", list(Choice))
def test_a_judge_that_prefers_a_place_is_undecided_and_leaves_the_preferred(
    choice: Choice,
) -> None:
    decision = choose(question(moved(), ball()), Says(choice), NAMES, 0.5)

    assert decision.undecided
    assert decision.chosen == "ours"
    assert len(decision.answers) == 2


def test_a_judge_that_fails_leaves_the_preferred_with_the_reason() -> None:
    decision = choose(question(moved(), ball()), Broken(), NAMES, 0.5)

    assert (decision.chosen, decision.undecided) == ("ours", True)
    assert decision.answers[0].reason == "nobody there"


def test_only_what_really_differs_is_asked() -> None:
    assert differing({"heart": 0.95, "liver": 0.96, "aorta": 0.4}) == ["aorta"]
    assert differing({"heart": 0.99, "liver": 0.91}) == []  # below the mean, but alike
    assert differing({"heart": 0.0, "liver": 0.0}) == ["heart", "liver"]  # no spread, no overlap
    assert differing({}) == []


def test_choices_are_recorded_with_pictures(tmp_path: Path) -> None:
    preferred, other = np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.uint8)
    preferred[moved()], other[ball()] = number_of("heart"), number_of("heart")
    for labels in (preferred, other):
        labels[2:5, 2:5, 2:5] = number_of("liver")

    decisions = criticise(
        scan(),
        Sources("atlas", preferred, "student", other),
        {key: number_of(key) for key in ("heart", "liver")},
        judge_named("rules"),
        tmp_path / "subject",
    )

    assert [(d.key, d.chosen) for d in decisions] == [("heart", "student")]
    record = json.loads((tmp_path / "subject" / RECORD).read_text())
    entry = record["decisions"][0]
    assert (record["preferred"], record["other"]) == ("atlas", "student")
    assert [a["choice"] for a in entry["answers"]] == ["second", "first"]
    assert entry["dice"] == pytest.approx(
        2 * (ball() & moved()).sum() / (ball().sum() + moved().sum())
    )
    with Image.open(tmp_path / "subject" / entry["picture"]) as picture:
        assert picture.size[0] > 100
    assert [p.name for p in (tmp_path / "subject").glob("*.png")] == ["heart.png"]
