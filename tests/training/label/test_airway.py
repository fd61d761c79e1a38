import numpy as np

from training.ingest.volume import Volume
from training.label.airway import find_airway

SPACING = 2.0


def throat() -> tuple[Volume, np.ndarray]:
    """A body with a trachea of 16 mm that forks at z = 40 into two bronchi of 12 mm, downwards."""
    z, y, x = np.meshgrid(*(np.arange(n) * SPACING for n in (110, 60, 100)), indexing="ij")
    air = ((x - 100) ** 2 + (y - 60) ** 2 < 8**2) & (z >= 80)
    below = 80 - z
    for side in (-1, 1):
        middle = 100 + side * (6 + 0.8 * below)
        air |= ((x - middle) ** 2 + (y - 60) ** 2 < 6**2) & (below > 0) & (below < 40)
    hu = np.where(air, -1000, 40).astype(np.int16)
    return Volume(hu, (SPACING,) * 3), np.ones_like(air)


def test_the_airway_is_followed_from_top_to_the_fork_and_into_both_bronchi() -> None:
    volume, body = throat()
    found = find_airway(volume, body)
    assert found.carina is not None
    assert abs(found.carina - 40) <= 3
    truth = volume.hu == -1000
    length = round(125 / SPACING)
    assert (found.trachea & truth).any((1, 2))[25 : found.carina + length].all()
    assert (found.trachea & truth)[25:38, :, :48].any()
    assert (found.trachea & truth)[25:38, :, 54:].any()
    assert not found.trachea[found.carina + length + 1 :].any()
    assert found.above[found.carina + length + 1 :].any()


def test_air_that_is_no_tube_is_no_airway() -> None:
    hu = np.full((60, 60, 100), 40, np.int16)
    hu[10:50, 10:50, 30:70] = -850
    found = find_airway(Volume(hu, (SPACING,) * 3), np.ones(hu.shape, bool))
    assert found.carina is None
    assert not found.trachea.any()
