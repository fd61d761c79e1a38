"""Training is an extra: without torch its tests are skipped, with that reason."""

import numpy as np
import pytest

REASON = "training is an extra: pip install thorax[training]"

torch = pytest.importorskip("torch", reason=REASON)
pytest.importorskip("monai", reason=REASON)

from training.ingest.volume import Volume  # noqa: E402


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Tests run beside others."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def phantom() -> Volume:
    """A chest of ellipsoids, 4 mm voxels: skin, two lungs, airway, heart, spine, diaphragm."""
    return chest_phantom(4.0)


def chest_phantom(spacing: float) -> Volume:
    """Axes (z, y, x): z to the head, y to the back, x to the patient's left; 320 x 240 x 360 mm."""
    z, y, x = (
        (np.arange(round(size / spacing)) + 0.5) * spacing - size / 2 for size in (320, 240, 360)
    )
    z, y, x = np.meshgrid(z, y, x, indexing="ij")
    hu = np.full(z.shape, -1000, np.int16)
    hu[(x / 165) ** 2 + (y / 105) ** 2 < 1] = 40
    for side in (-1, 1):
        lung = ((x - side * 75) / 58) ** 2 + (y / 80) ** 2 + ((z - 20) / 115) ** 2 < 1
        hu[lung & (z > -60)] = -850
    heart = ((x - 25) / 60) ** 2 + ((y + 25) / 45) ** 2 + ((z + 15) / 55) ** 2 < 1
    hu[heart] = 45
    hu[(x / 22) ** 2 + ((y - 75) / 18) ** 2 < 1] = 500
    hu[((x / 9) ** 2 + ((y - 10) / 9) ** 2 < 1) & (z > 40)] = -1000
    return Volume(hu, (spacing,) * 3)
