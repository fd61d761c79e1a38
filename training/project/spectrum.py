"""What an X-ray tube's rays lose in water and bone at each energy.

Mass attenuation coefficients in cm2/g: Hubbell and Seltzer, NISTIR 5632 (the tables of NIST's X-Ray
Mass Attenuation Coefficients, made with XCOM): liquid water, cortical bone (ICRU-44), aluminium.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]

TABLE_KEV = np.array([20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0, 150.0])
WATER = np.array([0.8096, 0.3756, 0.2683, 0.2269, 0.2059, 0.1837, 0.1707, 0.1505])
BONE = np.array([4.001, 1.331, 0.6655, 0.4242, 0.3148, 0.2229, 0.1855, 0.1480])
ALUMINIUM = np.array([3.441, 1.128, 0.5685, 0.3681, 0.2778, 0.2018, 0.1704, 0.1378])
ALUMINIUM_G_PER_CM3 = 2.699
FILTER_CM = 0.25
REFERENCE_KEV = 69.0
"""Mean energy of a CT's rays: there the stored line integrals hold."""
BINS_KEV = np.array([30.0, 42.0, 54.0, 68.0, 85.0, 105.0, 130.0])


def coefficient(table: Values, kev: Values) -> Values:
    """Interpolated between the table's energies, both as logarithms."""
    return np.exp(np.interp(np.log(kev), np.log(TABLE_KEV), np.log(table)))


@dataclass(frozen=True, slots=True)
class Spectrum:
    """`share` (bins,) of the detector's signal without patient, and how the integrals scale there.

    `water` and `bone` (bins,) are attenuation over that at the reference energy.
    """

    share: Values
    water: Values
    bone: Values


@cache
def spectrum(kilovolts: int) -> Spectrum:
    """A tungsten tube with 2.5 mm of aluminium before a detector that sums up energy.

    Kramers' law: the energy that a thick target sends out per keV falls linearly to zero at the
    tube voltage. Characteristic lines, a tenth of the energy, are left out.
    """
    kev = BINS_KEV[kilovolts > BINS_KEV]
    widths = np.gradient(kev) if len(kev) > 1 else np.ones(1)
    passed = np.exp(-coefficient(ALUMINIUM, kev) * ALUMINIUM_G_PER_CM3 * FILTER_CM)
    energy = (kilovolts - kev) * widths * passed
    reference = np.array([REFERENCE_KEV])
    return Spectrum(
        energy / energy.sum(),
        coefficient(WATER, kev) / coefficient(WATER, reference),
        coefficient(BONE, kev) / coefficient(BONE, reference),
    )
