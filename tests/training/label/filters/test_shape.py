"""Shapes of drawn bodies, with numbers from geometry."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.channels import number_of
from training.label.filters.shape import Feature, shapes

BODY = np.ones((60, 60, 60), np.bool_)


def ellipsoid(
    radii_mm: tuple[float, float, float], spacing: tuple[float, float, float]
) -> np.ndarray:
    axes = [(np.arange(60) - 29.5) * s / r for s, r in zip(spacing, radii_mm, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    return z**2 + y**2 + x**2 < 1


@settings(deadline=None, max_examples=10)
@given(radius=st.floats(15, 28), slice_mm=st.sampled_from([1.0, 1.5, 2.0]))
def test_a_ball_is_round_whatever_the_slices(radius: float, slice_mm: float) -> None:
    spacing = (slice_mm, 1.0, 1.0)
    labels = ellipsoid((radius,) * 3, spacing).astype(np.uint8) * number_of("heart")

    values = shapes(labels, BODY, spacing)["heart"].values

    assert values[Feature.VOLUME_ML] == pytest.approx(4 / 3 * np.pi * radius**3 / 1000, rel=0.03)
    assert values[Feature.SPHERICITY] == pytest.approx(1, abs=0.05)
    assert values[Feature.ECCENTRICITY] < 0.25


def test_eccentricity_is_that_of_the_axes() -> None:
    labels = ellipsoid((28, 14, 14), (1, 1, 1)).astype(np.uint8) * number_of("liver")

    # Moments of an ellipsoid go with the squares of its axes.
    expected = np.sqrt(1 - (14 / 28) ** 2)
    values = shapes(labels, BODY, (1.0, 1.0, 1.0))["liver"].values
    assert values[Feature.ECCENTRICITY] == pytest.approx(expected, abs=0.01)


def test_the_share_is_of_the_body_beside_the_lungs() -> None:
    labels = np.zeros((60, 60, 60), np.uint8)
    labels[20:40, :10] = number_of("lung_upper_lobe_right")
    labels[25:30, 20:30, 20:30] = number_of("heart")

    found = shapes(labels, BODY, (2.0, 1.0, 1.0))

    assert found["heart"].values[Feature.SHARE] == pytest.approx(500 / (20 * 60 * 60))
    assert found["right_lung"].values[Feature.VOLUME_ML] == pytest.approx(20 * 10 * 60 * 2 / 1000)


def test_what_touches_the_edge_of_the_scan_is_cut() -> None:
    labels = np.zeros((60, 60, 60), np.uint8)
    labels[0:10, 20:30, 20:30] = number_of("liver")
    labels[20:30, 20:30, 20:30] = number_of("heart")

    found = shapes(labels, BODY, (1.0, 1.0, 1.0))

    assert found["liver"].cut
    assert not found["heart"].cut
