"""How ribs, aorta and airway of a label map are split."""

import numpy as np
import pytest

from training.golden.parts import lower_border_of_t4, parts

SPACING = (1.0, 1.0, 1.0)


def found(labels: np.ndarray) -> dict[str, np.ndarray]:
    return {part.key: part.mask for part in parts(labels, SPACING)}


@pytest.mark.parametrize(("side", "number"), [("left", 96), ("right", 108)])
def test_a_rib_is_split_where_it_lies_most_lateral(side: str, number: int) -> None:
    # A half ring seen from above: centre (y 50, x 50), radius 40, open to the middle.
    labels = np.zeros((3, 101, 101), np.uint8)
    y, x = np.indices((101, 101))
    ring = np.abs(np.hypot(y - 50, x - 50) - 40) < 2
    labels[1, ring & ((x > 50) if side == "left" else (x < 50))] = number

    masks = found(labels)

    assert set(masks) == {f"posterior_rib_5_{side}", f"anterior_rib_5_{side}"}
    assert np.nonzero(masks[f"posterior_rib_5_{side}"])[1].min() == pytest.approx(50, abs=1)
    assert np.nonzero(masks[f"anterior_rib_5_{side}"])[1].max() == pytest.approx(49, abs=1)


def test_the_aorta_is_split_below_its_arch() -> None:
    # A walking stick: front limb (y 20) from slice 10, back limb (y 60) from slice 0, arch on top.
    labels = np.zeros((60, 80, 20), np.uint8)
    labels[10:40, 16:24, 5:15] = 52
    labels[0:40, 56:64, 5:15] = 52
    labels[40:48, 16:64, 5:15] = 52

    masks = found(labels)

    assert np.array_equal(masks["aortic_arch"].any((1, 2)).nonzero()[0], np.arange(40, 48))
    assert np.nonzero(masks["ascending_aorta"])[1].max() < 40
    assert np.nonzero(masks["descending_aorta"])[1].min() > 40
    assert np.array_equal(masks["descending_aorta"].any((1, 2)).nonzero()[0], np.arange(40))


def test_the_bifurcation_begins_twelve_millimetres_above_the_carina() -> None:
    labels = np.zeros((60, 20, 60), np.uint8)
    labels[30:, 5:15, 25:35] = 16
    labels[:30, 5:15, 15:25] = 16
    labels[:30, 5:15, 35:45] = 16

    masks = found(labels)

    carina = 29
    assert masks["tracheal_bifurcation"].any((1, 2)).nonzero()[0].max() == carina + 12
    assert np.array_equal(masks["trachea"], labels == 16)


def test_the_plane_of_t4_is_that_of_its_body_not_of_its_spinous_process() -> None:
    labels = np.zeros((40, 60, 20), np.uint8)
    labels[20:35, 10:30, 5:15] = 40
    labels[10:25, 40:55, 8:12] = 40
    labels[:, 32:36, 8:12] = 79

    assert lower_border_of_t4(labels) == 20
