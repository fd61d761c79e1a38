"""Colours that lie beside each other on a film can be told apart, with colour blindness too."""

import numpy as np
import pytest

from service.anatomy.profiles import CLINICAL_KEYS
from service.anatomy.structures import structures, structures_by_key
from tests.colour_vision import VISIONS, seen_lab, smallest_distance
from tests.peers import REPOSITORY

CLINICAL_DISTANCE = 16
ALL_DISTANCE = 10


@pytest.mark.parametrize("vision", VISIONS)
def test_any_two_colours_of_the_clinical_profile_can_be_told_apart(vision: str) -> None:
    colours = [structures_by_key()[key].colour_rgb for key in CLINICAL_KEYS]

    assert smallest_distance(colours, vision) >= CLINICAL_DISTANCE


def test_any_two_colours_of_the_table_can_be_told_apart_by_usual_eyes() -> None:
    assert smallest_distance([s.colour_rgb for s in structures()], "usual") >= ALL_DISTANCE


def test_the_distances_are_those_that_the_page_states() -> None:
    page = (REPOSITORY / "docs" / "structures.md").read_text(encoding="utf-8")

    assert f"at least {CLINICAL_DISTANCE} CIE76 units" in page
    assert f"at least {ALL_DISTANCE} CIE76 units" in page


def test_white_and_black_are_a_hundred_apart_to_everybody() -> None:
    for vision in VISIONS:
        assert np.allclose(seen_lab([(255, 255, 255)], vision), [[100, 0, 0]], atol=0.05)
        assert smallest_distance([(0, 0, 0), (255, 255, 255)], vision) == pytest.approx(
            100, abs=0.1
        )


def test_srgb_red_has_its_published_cielab() -> None:
    assert np.allclose(seen_lab([(255, 0, 0)], "usual"), [[53.24, 80.09, 67.20]], atol=0.05)


def test_red_and_green_come_nearer_to_who_lacks_one_cone() -> None:
    red_and_green = [(200, 60, 60), (110, 110, 40)]

    assert smallest_distance(red_and_green, "deuteranopia") < 0.5 * smallest_distance(
        red_and_green, "usual"
    )
