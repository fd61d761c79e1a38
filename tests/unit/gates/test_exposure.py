"""Noise has no shapes, anatomy has."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.gate import Gate
from service.gates.exposure import BLOCKS, block_contrast
from tests.unit.gates.conftest import Told, status_of


@pytest.mark.parametrize("content", [np.zeros((256, 256)), np.full((256, 200), 0.7)])
def test_a_picture_of_one_value_is_an_empty_exposure(told: Told, content: np.ndarray) -> None:
    assert status_of(Gate.EXPOSURE, told(content=content.astype(np.float32))) == "failed"


@given(seed=st.integers(0, 2**32 - 1))
def test_noise_averages_out(seed: int) -> None:
    noise = np.random.default_rng(seed).random((256, 256)).astype(np.float32)

    # One pixel's deviation is 1/sqrt(12); a block of 16 x 16 has a sixteenth of it.
    assert block_contrast(noise) == pytest.approx(1 / np.sqrt(12) / 16, rel=0.3)


def test_shapes_stay() -> None:
    halves = np.zeros((128, 128), np.float32)
    halves[:, 64:] = 1.0

    assert block_contrast(halves) == pytest.approx(0.5)


def test_a_narrow_picture_has_fewer_blocks() -> None:
    assert block_contrast(np.eye(BLOCKS // 2, dtype=np.float32)) > 0


def test_a_chest_passes(told: Told) -> None:
    assert status_of(Gate.EXPOSURE, told()) == "passed"
