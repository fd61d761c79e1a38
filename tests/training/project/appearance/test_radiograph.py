import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.project.appearance.radiograph import Exposure, expose, primary, scattered
from training.project.picture import Integrals

SHAPE = (64, 72)
BRIGHT = 1e9  # photons: no noise to be seen


def _uniform(water: float, bone: float) -> Integrals:
    return Integrals(np.full(SHAPE, water, np.float32), np.full(SHAPE, bone, np.float32))


def _random() -> np.random.Generator:
    return np.random.default_rng(2)


def test_without_a_patient_everything_comes_through() -> None:
    assert primary(_uniform(0, 0), 110) == pytest.approx(1)


@given(st.floats(0.5, 5), st.integers(60, 140))
def test_hard_rays_are_left_over_in_a_thick_patient(water: float, kilovolts: int) -> None:
    """Twice the tissue takes less than twice the logarithm: the beam hardens."""
    once, twice = (
        -np.log(primary(_uniform(water * n, 0), kilovolts)[0, 0].astype(float)) for n in (1, 2)
    )

    assert once < twice < 2 * once


def test_bone_stands_out_less_at_a_higher_tube_voltage() -> None:
    def contrast(kilovolts: int) -> float:
        without, within = (primary(_uniform(3, bone), kilovolts)[0, 0] for bone in (0, 0.5))
        return float(np.log(without / within))

    assert contrast(60) > 1.2 * contrast(125)


def test_scatter_is_a_smooth_fraction_of_the_signal() -> None:
    signal = np.zeros(SHAPE, np.float32)
    signal[:, :36] = 1.0

    found = scattered(signal, 0.5)

    assert found.mean() == pytest.approx(0.5 * signal.mean(), rel=0.05)
    assert np.abs(np.diff(found, axis=1)).max() < 0.05 * 0.5


def test_scatter_lowers_contrast() -> None:
    integrals = _uniform(2, 0)
    integrals.bone[28:36, 30:38] = 0.5
    spans = [
        float(np.ptp(expose(integrals, Exposure(100, scatter, BRIGHT, 0), _random())))
        for scatter in (0.0, 1.0)
    ]

    # As much scattered as direct signal: a hole of depth d in 1 becomes one of depth d in 2.
    assert spans[1] == pytest.approx(np.log(2 / (1 + np.exp(-spans[0]))), rel=0.15)


@pytest.mark.parametrize("photons", [1e3, 1e5])
def test_noise_is_that_of_the_photons_that_arrive(photons: float) -> None:
    integrals = _uniform(2, 0)
    arriving = photons * float(primary(integrals, 100)[0, 0])

    found = expose(integrals, Exposure(100, 0.0, photons, 0.0), _random())

    # The logarithm of a Poisson number of mean n has a standard deviation of about n ** -0.5.
    assert found.std() == pytest.approx(arriving**-0.5, rel=0.08)


def test_a_blurred_detector_has_quieter_pixels() -> None:
    noisy, quiet = (
        expose(_uniform(2, 0), Exposure(100, 0.0, 1e4, blur), _random()).std() for blur in (0, 0.8)
    )

    assert quiet < 0.6 * noisy
