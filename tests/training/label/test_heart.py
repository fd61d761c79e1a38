import numpy as np

from training.ingest.volume import Volume
from training.label.heart import fitted_heart
from training.label.total_ids import HEART

SHAPE, SPACING = (40, 40, 40), (2.0, 2.0, 2.0)


def ball(radius: float, x: float = 20.0) -> np.ndarray:
    z, y, xs = np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij")
    return (z - 20) ** 2 + (y - 20) ** 2 + (xs - x) ** 2 < radius**2


def test_fat_around_the_heart_is_left_to_the_mediastinum() -> None:
    heart, fat = ball(10), ball(14) & ~ball(10)
    hu = np.where(fat, -100, 40).astype(np.int16)
    carried = np.where(ball(14), HEART, 0).astype(np.uint8)
    found = fitted_heart(carried, Volume(hu, SPACING), np.zeros(SHAPE, bool), np.ones(SHAPE, bool))
    assert ((found == HEART) & heart).sum() > 0.9 * heart.sum()
    assert ((found == HEART) & fat).sum() < 0.3 * fat.sum()


def test_a_heart_that_stops_short_of_the_lung_is_filled_up_to_it() -> None:
    lung = np.zeros(SHAPE, bool)
    lung[:, :, 30:] = True
    hu = np.where(lung, -850, 40).astype(np.int16)
    carried = np.where(ball(8), HEART, 0).astype(np.uint8)  # ends 2 voxels before the lung
    found = fitted_heart(carried, Volume(hu, SPACING), lung, ~lung)
    assert (found[20, 20, 28:30] == HEART).all()
    assert not (found[lung] == HEART).any()


def test_other_organs_keep_their_voxels() -> None:
    carried = np.where(ball(10), HEART, 0).astype(np.uint8)
    carried[20, 20, 28] = 5
    hu = np.full(SHAPE, 40, np.int16)
    found = fitted_heart(carried, Volume(hu, SPACING), np.zeros(SHAPE, bool), np.ones(SHAPE, bool))
    assert found[20, 20, 28] == 5
