import numpy as np
import pytest

from training.fit.bones import brought_out


@pytest.mark.parametrize("seed", range(12))
def test_thin_bone_gains_more_than_thick_bone(seed: int) -> None:
    bone = np.array([[0, 0.1, 0.5, 1, 2]], np.float32)

    shown = brought_out(bone, np.random.default_rng(seed))

    gains = shown[0, 1:] / bone[0, 1:]
    assert (np.diff(gains) < 0).all()
    assert (np.diff(shown[0]) > 0).all()


def test_where_no_bone_is_none_appears() -> None:
    bone = np.zeros((4, 4), np.float32)

    assert not brought_out(bone, np.random.default_rng(0)).any()


def test_the_same_seed_gives_the_same_bones() -> None:
    bone = np.random.default_rng(1).random((8, 8), np.float32)

    first, second = (brought_out(bone, np.random.default_rng(3)) for _ in range(2))

    assert np.array_equal(first, second)
    assert first.dtype == np.float32
