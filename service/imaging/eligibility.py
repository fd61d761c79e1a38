"""Is this a chest radiograph, as far as its header says? If not, why not.

Header only: what the picture shows is judged after inference. Real films are badly labelled
(Secondary Capture tagged DX, no body part, no view), so what is not said does not exclude.
"""

import re
from collections.abc import Callable

from pydicom import Dataset, uid
from pydicom.sr.codedict import codes

from service.errors import NotEligible
from service.imaging.attributes import items, number, text, texts
from service.imaging.body_parts import says_chest, says_other
from service.imaging.coded_concepts import coded_concepts
from service.imaging.orientation import is_other_view
from service.imaging.reasons import Ineligibility

SERVED_SOP_CLASSES = frozenset(
    {
        uid.ComputedRadiographyImageStorage,
        uid.DigitalXRayImageStorageForPresentation,
        uid.DigitalXRayImageStorageForProcessing,
        uid.SecondaryCaptureImageStorage,
    }
)
SERVED_MODALITIES = frozenset({"CR", "DX", "DR", "RG", ""})
# Scanned document, drawing, synthetic image (PS3.3 C.8.6.1).
_NO_RADIOGRAPH = frozenset({"SD", "DRW", "SYN"})
_HUMAN = frozenset({"HUMAN", "HOMO SAPIENS"})
_HOMO_SAPIENS = codes.cid7454.HomoSapiens
MINIMUM_SIDE = 64


def check_eligible(header: Dataset) -> None:
    """Return when the header lets the image be analysed; raises NotEligible with a code if not.

    Lateral views pass: whether a model reads a view is the catalogue's to say.
    """
    for is_excluded, code, explanation in _EXCLUSIONS:
        if is_excluded(header):
            raise NotEligible(explanation, code=code)


def _is_other_sop_class(header: Dataset) -> bool:
    return text(header, "SOPClassUID") not in SERVED_SOP_CLASSES


def _is_other_modality(header: Dataset) -> bool:
    return text(header, "Modality") not in SERVED_MODALITIES


def _is_no_radiograph(header: Dataset) -> bool:
    is_localizer = "LOCALIZER" in texts(header, "ImageType")
    return text(header, "ConversionType") in _NO_RADIOGRAPH or is_localizer


def _is_animal(header: Dataset) -> bool:
    described = text(header, "PatientSpeciesDescription")
    coded = coded_concepts(header, "PatientSpeciesCodeSequence")
    if coded:
        return _HOMO_SAPIENS not in coded
    return bool(described) and described not in _HUMAN


def _is_other_body_part(header: Dataset) -> bool:
    """Return whether a body part is named and the chest is not."""
    names = tuple(re.sub(r"[^A-Z]", "", each) for each in texts(header, "BodyPartExamined"))
    coded = coded_concepts(header, "AnatomicRegionSequence")
    return says_other(names, coded) and not says_chest(names, coded)


def _is_coloured(header: Dataset) -> bool:
    photometric = text(header, "PhotometricInterpretation")
    is_grey = photometric in ("MONOCHROME1", "MONOCHROME2", "")
    return not is_grey or number(header, "SamplesPerPixel") > 1


def _has_frames(header: Dataset) -> bool:
    return number(header, "NumberOfFrames") > 1 or bool(
        items(header, "PerFrameFunctionalGroupsSequence")
    )


def _is_small(header: Dataset) -> bool:
    return min(number(header, "Rows"), number(header, "Columns")) < MINIMUM_SIDE


_EXCLUSIONS: tuple[tuple[Callable[[Dataset], bool], Ineligibility, str], ...] = (
    (
        _is_other_sop_class,
        Ineligibility.SOP_CLASS_NOT_SERVED,
        "SOPClassUID is not that of a radiograph",
    ),
    (
        _is_other_modality,
        Ineligibility.WRONG_MODALITY,
        "Modality is not that of a radiograph",
    ),
    (
        _is_no_radiograph,
        Ineligibility.NOT_A_RADIOGRAPH,
        "ConversionType or ImageType says that this is no radiograph",
    ),
    (_is_animal, Ineligibility.NOT_HUMAN, "the patient's species is not human"),
    (
        _is_other_body_part,
        Ineligibility.NOT_CHEST,
        "BodyPartExamined or AnatomicRegionSequence names another part than the chest",
    ),
    (is_other_view, Ineligibility.UNSUPPORTED_VIEW, "the view is neither frontal nor lateral"),
    (_is_coloured, Ineligibility.COLOUR, "a colour image"),
    (_has_frames, Ineligibility.MULTI_FRAME, "more than one frame"),
    (_is_small, Ineligibility.TOO_SMALL, f"fewer than {MINIMUM_SIDE} rows or columns"),
)
