import pytest

from service.domain.measurement import NormalRange
from service.domain.prior import Change, Relation
from service.encoders.value_text import (
    change_text,
    interval_text,
    normal_text,
    short_text,
    unit_text,
    value_text,
)
from tests.phantoms import phantom_analysis, without_measurements


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.456, "{ratio}", "0.46"),
        (131.4, "mm", "131 mm"),
        (61.6, "deg", "62°"),
        (9.0, "{count}", "9"),
        (25163.0, "mm2", "252 cm²"),
        (12.2, "px", "12 px"),
        (12.2, "%", "12%"),
    ],
)
def test_a_value_has_the_digits_that_its_unit_can_bear(value: float, unit: str, text: str) -> None:
    assert value_text(value, unit) == text


def test_what_stands_in_braces_is_no_unit() -> None:
    assert unit_text("{ratio}") == ""


def test_beside_a_line_stand_name_and_value() -> None:
    _, ratio, _ = phantom_analysis().measurements

    assert short_text(ratio) == f"Cardiothoracic ratio {ratio.value:.2f}"


def test_what_was_not_measured_has_its_name_alone() -> None:
    _, ratio, _ = without_measurements(phantom_analysis()).measurements

    assert short_text(ratio) == "Cardiothoracic ratio"


def test_an_unknown_interval_is_empty() -> None:
    assert interval_text(phantom_analysis().measurements[0]) == ""


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (None, None, ""),
        (None, 0.5, "up to 0.50"),
        (0.4, None, "from 0.40"),
        (0.4, 0.5, "0.40 to 0.50"),
    ],
)
def test_a_normal_range_may_be_open(low: float | None, high: float | None, text: str) -> None:
    assert normal_text(NormalRange(low, high, "adults", "a source"), "{ratio}") == text


def test_without_a_normal_range_there_is_nothing_to_say() -> None:
    assert normal_text(None, "mm") == ""


@pytest.mark.parametrize(
    ("difference", "relation", "text"),
    [
        (5.0, Relation.LARGER, "120, +5, larger"),
        (-5.0, Relation.SMALLER, "120, -5, smaller"),
        (1.0, Relation.NO_CHANGE, "120, +1, no change"),
        (1.0, None, "120, +1, not judged"),
    ],
)
def test_a_change_is_said_with_what_it_means(
    difference: float, relation: Relation | None, text: str
) -> None:
    change = Change("cardiac_width", 120.0, 120.0 + difference, difference, 3.0, relation)

    assert change_text(change, "mm") == text
