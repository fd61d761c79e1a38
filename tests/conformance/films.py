"""The matrix of sources: SOP class, polarity, size, spacing, character set and orientation.

Every combination of SOP class, size and spacing is there; polarity, character set and orientation
go round, so that each pair of values meets somewhere.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, product

import numpy as np
from pydicom.dataset import Dataset

from service.domain.analysis import Analysis
from service.domain.image import NO_SPACING
from tests.builders import build_cr, build_dx, build_sc
from tests.headers import analysis_of
from tests.phantoms import CALIBRATED

BUILDERS: dict[str, Callable[..., Dataset]] = {"cr": build_cr, "dx": build_dx, "sc": build_sc}
SIZES = {"whole-bytes": (96, 80), "odd-size": (95, 81)}
SPACINGS: dict[str, list[float] | None] = {
    "spacing": [0.2, 0.2],
    "no-spacing": None,
    "zero-spacing": [0, 0],
}
NAMES = {
    "ISO_IR 100": "Müller^Jörg",
    "GB18030": "Wang^XiaoDong=王^小东",
    "ISO_IR 126": "Διονυσιος",
    "\\ISO 2022 IR 87": "Yamada^Tarou=山田^太郎=やまだ^たろう",
}
POLARITIES = ("MONOCHROME2", "MONOCHROME1")
ORIENTATIONS = (["L", "F"], None, "")


@dataclass(frozen=True, slots=True)
class Film:
    """One source of the matrix and the analysis of the phantom drawn on it."""

    name: str
    header: Dataset
    analysis: Analysis
    patient_name: str


def films() -> list[Film]:
    """Return the matrix, always the same one."""
    going_round = zip(cycle(NAMES.items()), cycle(POLARITIES), cycle(ORIENTATIONS), strict=False)
    chosen = product(BUILDERS, SIZES, SPACINGS)
    return [_film(keys, *others) for keys, others in zip(chosen, going_round, strict=False)]


def _film(
    keys: tuple[str, str, str], named: tuple[str, str], polarity: str, orientation: object
) -> Film:
    builder, size, spacing = keys
    character_set, patient_name = named
    header = BUILDERS[builder](
        np.zeros(SIZES[size], dtype=np.uint16),
        PixelSpacing=SPACINGS[spacing],
        PhotometricInterpretation=polarity,
        PatientOrientation=orientation,
        SpecificCharacterSet=character_set.split("\\"),
        PatientName=patient_name,
        **_fixed_uids(keys),
    )
    analysis = analysis_of(header, CALIBRATED if spacing == "spacing" else NO_SPACING)
    return Film("-".join(keys), header, analysis, patient_name)


def _fixed_uids(keys: tuple[str, str, str]) -> dict[str, str]:
    places = (list(BUILDERS), list(SIZES), list(SPACINGS))
    number = "".join(str(p.index(k) + 1) for p, k in zip(places, keys, strict=True))
    study = f"1.2.826.0.1.3680043.8.498.{number}"
    return {
        "StudyInstanceUID": study,
        "SeriesInstanceUID": f"{study}.1",
        "SOPInstanceUID": f"{study}.1.1",
    }
