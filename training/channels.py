"""The vocabulary of the frontal model: what each output channel is, and how it comes from a volume.

A volume is labelled with disjoint `Structure`s. A projection turns them into path lengths in
millimetres, one per structure, and a channel is present at a pixel where the summed path length of
its structures reaches `minimum_path_mm`. Two channels (the lung fields) are derived afterwards.
"""

from dataclasses import dataclass
from enum import IntEnum


class Structure(IntEnum):
    """Disjoint parts of a labelled volume; the values are stored in the label files."""

    NONE = 0
    RIGHT_LUNG = 1
    LEFT_LUNG = 2
    HEART = 3
    AORTA = 4
    TRACHEA = 5
    MEDIASTINUM_REST = 6
    CLAVICLE_LEFT = 7
    CLAVICLE_RIGHT = 8
    SCAPULA_LEFT = 9
    SCAPULA_RIGHT = 10
    SPINE = 11
    RIBS = 12
    BELOW_RIGHT_DOME = 13
    BELOW_LEFT_DOME = 14
    ABDOMINAL_AORTA = 15


@dataclass(frozen=True, slots=True)
class Channel:
    """One output channel: key, the structures it sums, the path length that makes it present."""

    key: str
    structures: tuple[Structure, ...]
    minimum_path_mm: float


S = Structure

CHANNELS: tuple[Channel, ...] = (
    Channel("right_lung", (S.RIGHT_LUNG,), 8.0),
    Channel("left_lung", (S.LEFT_LUNG,), 8.0),
    Channel("right_lung_field", (S.RIGHT_LUNG,), 8.0),
    Channel("left_lung_field", (S.LEFT_LUNG,), 8.0),
    Channel("heart", (S.HEART,), 10.0),
    Channel("cardiomediastinum", (S.HEART, S.AORTA, S.TRACHEA, S.MEDIASTINUM_REST), 15.0),
    Channel("trachea", (S.TRACHEA,), 4.0),
    Channel("aorta", (S.AORTA, S.ABDOMINAL_AORTA), 6.0),
    Channel("clavicle_left", (S.CLAVICLE_LEFT,), 2.0),
    Channel("clavicle_right", (S.CLAVICLE_RIGHT,), 2.0),
    Channel("scapula_left", (S.SCAPULA_LEFT,), 2.0),
    Channel("scapula_right", (S.SCAPULA_RIGHT,), 2.0),
    Channel("spine", (S.SPINE,), 8.0),
    Channel("ribs", (S.RIBS,), 3.0),
    Channel("left_hemidiaphragm", (S.BELOW_LEFT_DOME,), 25.0),
    Channel("right_hemidiaphragm", (S.BELOW_RIGHT_DOME,), 25.0),
)

KEYS: tuple[str, ...] = tuple(channel.key for channel in CHANNELS)
EXPERT_KEYS: tuple[str, ...] = ("right_lung_field", "left_lung_field", "heart")


def channel_index(key: str) -> int:
    """Position of a channel in the model's output."""
    return KEYS.index(key)
