"""The 32 ways to store a picture, and undoing one."""

from itertools import product

import numpy as np
import pytest

from service.gates.storing import AS_HUNG, Storing, Way, as_hung
from service.inference.preprocess import letterbox
from tests.unit.gates.conftest import storing


def test_shares_are_summed_over_what_was_not_asked() -> None:
    shares = np.zeros((2, 2, 2, 4), np.float32)
    shares[0, 0, 0, 0], shares[0, 1, 0, 0], shares[1, 0, 1, 2] = 0.5, 0.3, 0.2

    found = Storing(shares)

    assert found.inverted == pytest.approx(0.3)
    assert found.turned == pytest.approx(0.2)
    assert found.lateral == pytest.approx(0.2)
    assert found.mirrored == 0.0, "only a frontal view can be mirrored"
    assert (found.way, found.degrees) == (AS_HUNG, 0)


@pytest.mark.parametrize("way", [Way(*each) for each in product((0, 1), (0, 1), range(4))], ids=str)
def test_undoing_a_way_of_storing_gives_the_picture_back(way: Way) -> None:
    resampling = letterbox(30, 60, 64)
    tensor = np.zeros((1, 1, 64, 64), np.float32)
    content = np.random.default_rng(1).random((resampling.height, resampling.width), np.float32)
    tensor[0, 0, resampling.top : resampling.top + resampling.height] = content

    changed = tensor.copy()
    if way.inverted:
        changed[0, 0, resampling.top : resampling.top + resampling.height] = 1 - content
    changed = changed[..., ::-1] if way.mirrored else changed
    changed = np.ascontiguousarray(np.rot90(changed, way.turned, (-2, -1)))
    stored = letterbox(60, 30, 64) if way.turned % 2 else resampling

    back = as_hung(changed, stored, way)

    assert np.allclose(back, tensor)
    assert storing(0, *way).way == way
