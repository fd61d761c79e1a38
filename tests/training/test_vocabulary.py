import pytest

from tests.colour_vision import smallest_distance
from training.channels import KEYS
from training.vocabulary import ENTRIES, MINIMUM_AREA_FRACTIONS, labels


def test_every_channel_has_an_entry_and_no_entry_is_left_over() -> None:
    assert set(ENTRIES) == set(KEYS)


def test_sides_are_the_words_of_the_key() -> None:
    for label in labels({}):
        words = label.key.split("_")
        side = label.laterality.value if label.laterality else None
        assert side == next((w for w in ("right", "left") if w in words), None)
        assert side is None or side in label.label.lower()


def test_colours_are_all_different() -> None:
    colours = [entry.colour_rgb for entry in ENTRIES.values()]
    assert len(set(colours)) == len(colours)


@pytest.mark.parametrize("vision", ["usual", "deuteranopia", "protanopia"])
def test_any_two_colours_can_be_told_apart(vision: str) -> None:
    assert smallest_distance([entry.colour_rgb for entry in ENTRIES.values()], vision) >= 20


def test_numbers_are_the_channels_places() -> None:
    assert [label.number for label in labels({})] == list(range(1, len(KEYS) + 1))


def test_only_channels_have_a_minimum_area() -> None:
    assert set(MINIMUM_AREA_FRACTIONS) <= set(KEYS)
