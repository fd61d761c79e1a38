"""How the beam passed the patient and which side of the picture is which, as the header says."""

import re

from pydicom import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from service.domain.image import ViewPosition
from service.imaging.attributes import text, texts
from service.imaging.coded_concepts import coded_concepts
from service.imaging.reasons import Oddity

_VIEWS: dict[str, ViewPosition] = {
    "PA": ViewPosition.POSTERO_ANTERIOR,
    "AP": ViewPosition.ANTERO_POSTERIOR,
    "LL": ViewPosition.LATERAL,
    "RL": ViewPosition.LATERAL,
    "LAT": ViewPosition.LATERAL,
    "LATERAL": ViewPosition.LATERAL,
    "LLAT": ViewPosition.LATERAL,
    "RLAT": ViewPosition.LATERAL,
}
# Oblique, decubitus, lordotic, tangential: neither frontal nor lateral as a model knows them.
_OTHER_VIEWS = frozenset(
    {"RLD", "LLD", "RLO", "LLO", "RAO", "LAO", "RPO", "LPO", "OBL", "OBLIQUE"}
    | {"TAN", "TANGENTIAL", "AXIAL", "DECUB", "DECUBITUS", "LORDOTIC"}
)
_CID_DX_VIEW = codes.cid4010
_VIEW_CODES: dict[Code, ViewPosition] = {
    _CID_DX_VIEW.PosteroAnterior: ViewPosition.POSTERO_ANTERIOR,
    _CID_DX_VIEW.AnteroPosterior: ViewPosition.ANTERO_POSTERIOR,
    _CID_DX_VIEW.LeftLateral: ViewPosition.LATERAL,
    _CID_DX_VIEW.RightLateral: ViewPosition.LATERAL,
    _CID_DX_VIEW.LateralProjection: ViewPosition.LATERAL,
    _CID_DX_VIEW.Sagittal: ViewPosition.LATERAL,
    _CID_DX_VIEW.Frontal: ViewPosition.UNKNOWN,
}
_OTHER_VIEW_CODES = frozenset(set(_CID_DX_VIEW.concepts.values()) - set(_VIEW_CODES))
# Only where nothing coded is there: a word that names one view. "PA AND LAT" names none.
_WORDS = re.compile(r"\b(PA|AP|LAT|LATERAL|LL|RL|LLAT|RLAT)\b")
_DESCRIPTIONS = ("SeriesDescription", "AcquisitionDeviceProcessingDescription", "ProtocolName")


def view_position(header: Dataset) -> ViewPosition:
    """Return the view, UNKNOWN when nothing says.

    ViewPosition decides, else ViewCodeSequence, else PatientOrientation, else a description
    that names exactly one view.
    """
    stated = _VIEWS.get(text(header, "ViewPosition"))
    if stated is not None:
        return stated
    coded = next((_VIEW_CODES[code] for code in _view_codes(header) if code in _VIEW_CODES), None)
    if coded is not None:
        return coded
    if _row_direction(header) in ("A", "P"):
        return ViewPosition.LATERAL
    return _described_view(header)


def is_other_view(header: Dataset) -> bool:
    """Return whether the view is known to be neither frontal nor lateral."""
    if text(header, "ViewPosition") in _VIEWS:
        return False
    return text(header, "ViewPosition") in _OTHER_VIEWS or any(
        code in _OTHER_VIEW_CODES for code in _view_codes(header)
    )


def patient_left_is_on_image_right(header: Dataset) -> bool | None:
    """Return the side from PatientOrientation, None when it does not say.

    Its first value is where a row leads: L when the patient's left is on the image's right, as
    films are hung (PS3.3 C.7.6.1.1.1).
    """
    return {"L": True, "R": False}.get(_row_direction(header))


def orientation_oddities(header: Dataset) -> tuple[Oddity, ...]:
    """Return warnings: the picture lies on its side or its head; two views are stated."""
    directions = texts(header, "PatientOrientation")
    down = directions[1][:1] if len(directions) == 2 else ""  # noqa: PLR2004 - row and column
    is_upright = _row_direction(header) not in ("H", "F") and down not in ("H", "L", "R")
    return (
        *((Oddity.NOT_UPRIGHT,) * (not is_upright)),
        *((Oddity.VIEW_CONTRADICTION,) * _contradicts_itself(header)),
    )


def _contradicts_itself(header: Dataset) -> bool:
    """Return whether ViewPosition and ViewCodeSequence name two views; Frontal fits PA and AP."""
    stated = _VIEWS.get(text(header, "ViewPosition"))
    coded = {_VIEW_CODES.get(code) for code in _view_codes(header)} - {None}
    if stated is None or not coded:
        return False
    frontal = stated is not ViewPosition.LATERAL and ViewPosition.UNKNOWN in coded
    return stated not in coded and not frontal


def _row_direction(header: Dataset) -> str:
    return text(header, "PatientOrientation")[:1]


def _view_codes(header: Dataset) -> tuple[Code, ...]:
    return coded_concepts(header, "ViewCodeSequence")


def _described_view(header: Dataset) -> ViewPosition:
    for keyword in _DESCRIPTIONS:
        named = {_VIEWS[word] for word in _WORDS.findall(text(header, keyword))}
        if len(named) == 1:
            return named.pop()
    return ViewPosition.UNKNOWN
