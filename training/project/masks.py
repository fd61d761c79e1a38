"""Path lengths to channel masks, packed one bit per channel."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import torch

from training.channels import TRAINED, Channel, Kind, Layer, Views, trained_index
from training.project.outline import drawn_field, drawn_heart
from training.project.projector import Paths
from training.project.silhouette import silhouette, smooth_field

# A reader draws the lung's inner border where the mediastinum becomes opaque, and its lower border
# on the dome; these path lengths reproduce where the human masks end.
OPAQUE_MEDIASTINUM_MM = 40.0
SIDES = ("right", "left")
FIELDS = tuple(f"{side}_lung_field" for side in SIDES)
DOMES = tuple(f"{side}_hemidiaphragm" for side in SIDES)
# Bands of the lung's height in the picture, from its top: where each begins and ends.
ZONES = {
    "apical_zone_lung": (0.0, 0.15),
    "upper_zone_lung": (0.15, 0.4),
    "mid_zone_lung": (0.4, 0.7),
    "lung_base": (0.7, 1.0),
}


def channel_masks(paths: Paths, shape: tuple[int, int], *, is_frontal: bool = True) -> torch.Tensor:
    """Bool (taught channels, rows, columns); `shape` is (rows, columns).

    On frontal views `heart` and the lung fields are what a reader draws; see `silhouette.py` and
    `outline.py`.
    """
    masks = torch.zeros((len(TRAINED), *shape), dtype=torch.bool)
    for place, channel in enumerate(TRAINED):
        if channel.kind is Kind.PROJECTED:
            masks[place] = path_of(paths, channel, shape) >= channel.minimum_path_mm
    hidden = hides_lung(paths, masks)
    for side in SIDES:
        lung = masks[trained_index(f"{side}_lung")]
        masks[trained_index(f"{side}_lung_field")] = lung & ~hidden
        for zone, (first, last) in ZONES.items():
            masks[trained_index(f"{side}_{zone}")] = band(lung, first, last)
    if is_frontal:
        masks[trained_index("heart")] = heart_shadow(masks)
        _smooth_fields(masks)
        _outline(masks)
    return masks


def _smooth_fields(masks: torch.Tensor) -> None:
    covered = masks[[trained_index(key) for key in ("heart", *DOMES)]].any(0).numpy()
    for side in SIDES:
        place = trained_index(f"{side}_lung_field")
        lung = masks[trained_index(f"{side}_lung")].numpy()
        masks[place] = torch.from_numpy(smooth_field(masks[place].numpy(), lung, covered))


def _outline(masks: torch.Tensor) -> None:
    """Lung fields and heart, until here what can be seen, become what a reader draws."""
    right, left, heart = (masks[trained_index(key)].numpy() for key in (*FIELDS, "heart"))
    right, left = drawn_field(right), drawn_field(left)
    drawn = (right, left, drawn_heart(heart, right, left))
    for key, mask in zip((*FIELDS, "heart"), drawn, strict=True):
        masks[trained_index(key)] = torch.from_numpy(mask)


def heart_shadow(masks: torch.Tensor) -> torch.Tensor:
    """The cardiac silhouette (rows, columns) from the other channels of a frontal view."""
    heart, mediastinum, *fields = (
        masks[trained_index(key)].numpy() for key in ("heart", "cardiomediastinum", *FIELDS)
    )
    return torch.from_numpy(silhouette(heart, mediastinum, fields[0] | fields[1]))


def path_of(paths: Paths, channel: Channel, shape: tuple[int, int]) -> torch.Tensor:
    """(rows, columns) millimetres of all parts of a projected channel."""
    total = torch.zeros(shape)
    found = paths.get(channel.layer, {}) if channel.layer else {}
    for number in channel.numbers:
        if number in found:
            total += found[number]
    return total


def hides_lung(paths: Paths, masks: torch.Tensor) -> torch.Tensor:
    """Where heart, opaque mediastinum or what lies below a dome keeps a reader from seeing lung."""
    thickness = sum(paths.get(Layer.MEDIASTINUM, {}).values(), torch.zeros(masks.shape[1:]))
    below = [masks[trained_index(key)] for key in DOMES]
    opaque = thickness >= OPAQUE_MEDIASTINUM_MM
    return opaque | masks[trained_index("heart")] | below[0] | below[1]


def band(mask: torch.Tensor, first: float, last: float) -> torch.Tensor:
    """The part of a mask between two fractions of its height, counted from its top."""
    rows = torch.nonzero(mask.any(1)).flatten()
    if not len(rows):
        return mask.clone()
    top, height = int(rows[0]), int(rows[-1]) - int(rows[0]) + 1
    place = (torch.arange(len(mask)) - top) / height
    return mask & ((place >= first) & (place < last))[:, None]


def availability(known: Collection[str], *, is_frontal: bool = True) -> npt.NDArray[np.bool_]:
    """Which channels, in order, may be taught with a volume of which `known` keys are known."""
    seen = [is_frontal or channel.views is Views.BOTH for channel in TRAINED]
    return np.array([needed(channel) <= set(known) for channel in TRAINED]) & seen


def needed(channel: Channel) -> set[str]:
    """Keys that have to be known before a channel may be taught."""
    if channel.key == "heart":
        return {"heart", "cardiomediastinum"}
    if channel.kind is Kind.PROJECTED:
        return {channel.key}
    side = channel.key.split("_")[0]
    if channel.key.endswith("_lung_field"):
        return {f"{side}_lung", "heart", "cardiomediastinum", *DOMES}
    return {f"{side}_lung"}


def pack(masks: torch.Tensor) -> npt.NDArray[np.uint8]:
    """(channels, rows, columns) bool to (rows, columns, bytes); channel c is bit c."""
    return np.packbits(masks.numpy().transpose(1, 2, 0), axis=-1)


def unpack_one(packed: npt.NDArray[np.uint8], place: int) -> npt.NDArray[np.bool_]:
    """One channel (rows, columns) of what `pack` gave."""
    return np.asarray(packed[..., place // 8] >> (7 - place % 8) & 1, bool)


def with_one(
    packed: npt.NDArray[np.uint8], place: int, mask: npt.NDArray[np.bool_]
) -> npt.NDArray[np.uint8]:
    """A copy of what `pack` gave, in which one channel is `mask` (rows, columns)."""
    bit = np.uint8(1 << (7 - place % 8))
    changed = packed.copy()
    changed[..., place // 8] = np.where(
        mask, packed[..., place // 8] | bit, packed[..., place // 8] & ~bit
    )
    return changed


def unpack(packed: npt.NDArray[np.uint8], channels: int) -> npt.NDArray[np.bool_]:
    """Inverse of `pack`."""
    bits = np.unpackbits(packed, axis=-1, count=channels)
    return np.ascontiguousarray(bits.transpose(2, 0, 1)).astype(bool)
