"""What the service says about each channel: label, SNOMED CT code, side, colour, threshold."""

from dataclasses import dataclass

from service.inference.manifest import CodeEntry, LabelEntry
from training.channels import KEYS

ANATOMICAL_STRUCTURE = CodeEntry(value="91723000", scheme="SCT", meaning="Anatomical structure")
LUNG = ("39607008", "Lung")
HEART = ("80891009", "Heart")
MEDIASTINUM = ("72410000", "Mediastinum")
TRACHEA = ("44567001", "Trachea")
AORTA = ("15825003", "Aorta")
CLAVICLE = ("51299004", "Clavicle")
SCAPULA = ("79601000", "Scapula")
SPINE = ("421060004", "Spine")
RIB = ("113197003", "Rib")
DIAPHRAGM = ("5798000", "Diaphragm")

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Entry:
    """One channel in the words of the standard; thin structures need less area to be found."""

    label: str
    code: tuple[str, str]
    colour_rgb: Colour
    minimum_area_fraction: float = 0.0005


ENTRIES: dict[str, Entry] = {
    "right_lung": Entry("Right lung", LUNG, (0, 114, 178), 0.005),
    "left_lung": Entry("Left lung", LUNG, (213, 94, 0), 0.005),
    "right_lung_field": Entry("Right lung field", LUNG, (86, 180, 233), 0.005),
    "left_lung_field": Entry("Left lung field", LUNG, (230, 159, 0), 0.005),
    "heart": Entry("Heart", HEART, (204, 51, 102), 0.005),
    "cardiomediastinum": Entry("Cardiomediastinum", MEDIASTINUM, (204, 121, 167), 0.005),
    "trachea": Entry("Trachea", TRACHEA, (0, 158, 115)),
    "aorta": Entry("Aorta", AORTA, (153, 0, 0)),
    "clavicle_left": Entry("Left clavicle", CLAVICLE, (240, 228, 66)),
    "clavicle_right": Entry("Right clavicle", CLAVICLE, (170, 220, 130)),
    "scapula_left": Entry("Left scapula", SCAPULA, (255, 190, 140)),
    "scapula_right": Entry("Right scapula", SCAPULA, (160, 200, 255)),
    "spine": Entry("Spine", SPINE, (235, 235, 235), 0.002),
    "ribs": Entry("Ribs", RIB, (150, 120, 90), 0.002),
    "left_hemidiaphragm": Entry("Left hemidiaphragm region", DIAPHRAGM, (120, 80, 20), 0.002),
    "right_hemidiaphragm": Entry("Right hemidiaphragm region", DIAPHRAGM, (60, 60, 130), 0.002),
}


def labels(thresholds: dict[str, float]) -> tuple[LabelEntry, ...]:
    """labels.yaml's entries in channel order; a channel without its own threshold takes 0.5."""
    return tuple(
        _label(number, key, thresholds.get(key, 0.5)) for number, key in enumerate(KEYS, start=1)
    )


def _label(number: int, key: str, threshold: float) -> LabelEntry:
    entry = ENTRIES[key]
    value, meaning = entry.code
    return LabelEntry.model_validate(
        {
            "number": number,
            "key": key,
            "label": entry.label,
            "category": ANATOMICAL_STRUCTURE,
            "type": {"value": value, "scheme": "SCT", "meaning": meaning},
            "laterality": _side(key),
            "colour_rgb": entry.colour_rgb,
            "threshold": threshold,
            "minimum_area_fraction": entry.minimum_area_fraction,
        }
    )


def _side(key: str) -> str | None:
    words = key.split("_")
    return next((side for side in ("right", "left") if side in words), None)
