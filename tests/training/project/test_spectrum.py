import numpy as np
import pytest

from training.project.spectrum import BONE, TABLE_KEV, WATER, coefficient, spectrum


@pytest.mark.parametrize("table", [WATER, BONE])
def test_between_the_energies_of_the_table_attenuation_falls_smoothly(table: np.ndarray) -> None:
    found = coefficient(table, np.geomspace(20, 150, 200))

    assert (np.diff(found) < 0).all()
    assert coefficient(table, TABLE_KEV) == pytest.approx(table)


def test_shares_add_up_and_move_to_higher_energies_with_the_tube_voltage() -> None:
    low, high = spectrum(60), spectrum(125)

    assert low.share.sum() == pytest.approx(1)
    assert high.share.sum() == pytest.approx(1)
    # Weighted over the bins, bone loses more against water the higher the voltage is.
    ratios = [(s.share @ s.bone) / (s.share @ s.water) for s in (low, high)]
    assert ratios[0] > 1.15 * ratios[1]


def test_at_the_reference_energy_integrals_hold_as_they_are() -> None:
    found = spectrum(125)
    kev = np.array([54.0, 68.0, 85.0])  # the bins around 69 keV

    assert np.interp(69.0, kev, found.water[2:5]) == pytest.approx(1, abs=0.01)
    assert np.interp(69.0, kev, found.bone[2:5]) == pytest.approx(1, abs=0.03)
