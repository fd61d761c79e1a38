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


# Any two colours differ by at least 20 CIE76 units, with deuteranopia and protanopia too.
ENTRIES: dict[str, Entry] = {
    "right_lung": Entry("Right lung", LUNG, (32, 64, 160), 0.005),
    "left_lung": Entry("Left lung", LUNG, (192, 64, 96), 0.005),
    "right_lung_field": Entry("Right lung field", LUNG, (128, 160, 224), 0.005),
    "left_lung_field": Entry("Left lung field", LUNG, (224, 128, 0), 0.005),
    "heart": Entry("Heart", HEART, (224, 64, 64), 0.005),
    "cardiomediastinum": Entry("Cardiomediastinum", MEDIASTINUM, (192, 32, 224), 0.005),
    "trachea": Entry("Trachea", TRACHEA, (96, 224, 96)),
    "aorta": Entry("Aorta", AORTA, (160, 0, 96)),
    "clavicle_left": Entry("Left clavicle", CLAVICLE, (224, 224, 0)),
    "clavicle_right": Entry("Right clavicle", CLAVICLE, (160, 224, 160)),
    "scapula_left": Entry("Left scapula", SCAPULA, (192, 160, 160)),
    "scapula_right": Entry("Right scapula", SCAPULA, (192, 192, 224)),
    "spine": Entry("Spine", SPINE, (255, 255, 255), 0.002),
    "ribs": Entry("Ribs", RIB, (128, 128, 160), 0.002),
    "left_hemidiaphragm": Entry("Left hemidiaphragm region", DIAPHRAGM, (32, 96, 0), 0.002),
    "right_hemidiaphragm": Entry("Right hemidiaphragm region", DIAPHRAGM, (64, 0, 224), 0.002),
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
