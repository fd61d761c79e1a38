"""Tables and lists made of what `evaluate` wrote."""

from tests.training.card.test_page import HEART, LIVER, SCORES, THIS
from training.card.scores import classes_table, unscored, weak_classes


def test_classes_are_listed_best_first_and_those_without_a_score_last() -> None:
    table = classes_table({"none": HEART | {"iou": None}, "liver": LIVER, "heart": HEART}, "films")

    keys = [line.split(" | ")[0].removeprefix("| ") for line in table.splitlines()[2:]]
    assert keys == ["heart", "liver", "none"]
    assert table.splitlines()[-1].startswith("| none | 3 | - |")


def test_weak_classes_are_those_below_a_figure() -> None:
    assert list(weak_classes(SCORES[THIS], 0.5)) == [("liver", 0.21)]
    assert list(weak_classes(SCORES[THIS], 0.2)) == []


def test_what_nothing_scored_is_told() -> None:
    assert unscored(["heart", "liver", "aorta"], SCORES[THIS]) == ["aorta"]
    assert unscored(["heart"], {}) == ["heart"]
