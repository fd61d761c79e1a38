"""The bifurcation of drawn airways."""

import numpy as np

from training.label.derive.airway import KEY, bifurcation

SPACING = (1.0, 1.0, 1.0)
CARINA = 29


def airway() -> np.ndarray:
    trachea = np.zeros((60, 20, 60), np.bool_)
    trachea[CARINA + 1 :, 5:15, 25:35] = True
    trachea[5 : CARINA + 1, 5:15, 15:25] = True
    trachea[5 : CARINA + 1, 5:15, 35:45] = True
    return trachea


def test_the_bifurcation_begins_twelve_millimetres_above_the_carina() -> None:
    found = bifurcation(airway(), SPACING)

    assert np.flatnonzero(found.labels.any((1, 2))).max() == CARINA + 12
    assert found.known == {KEY}


def test_a_single_slice_with_two_pieces_is_no_carina() -> None:
    trachea = airway()
    trachea[50, 5:15, 28:32] = False  # a wisp of contrast in the trachea

    assert np.flatnonzero(bifurcation(trachea, SPACING).labels.any((1, 2))).max() == CARINA + 12


def test_a_scan_that_ends_above_the_carina_has_none() -> None:
    found = bifurcation(airway()[CARINA + 5 :], SPACING)

    assert found.known == {KEY}
    assert not found.labels.any()


def test_an_airway_that_was_followed_half_way_says_nothing_of_its_fork() -> None:
    trachea = airway()
    trachea[: CARINA + 5] = False

    found = bifurcation(trachea, SPACING)

    assert found.unknown == {KEY: "the airway's label ends above the carina"}
