"""Path lengths to channel masks, packed one bit per channel."""

import numpy as np
import numpy.typing as npt
import torch

from training.channels import CHANNELS, Structure, channel_index
from training.channels import Structure as S  # noqa: N817 - named often

# A reader draws the lung's inner border where the mediastinum becomes opaque, and its lower border
# on the dome; these path lengths reproduce where the human masks end.
OPAQUE_MEDIASTINUM_MM = 40.0
MEDIASTINUM = (S.HEART, S.AORTA, S.TRACHEA, S.MEDIASTINUM_REST)


def channel_masks(path_mm: torch.Tensor) -> torch.Tensor:
    """Bool (channels, rows, columns) from path lengths (structures, rows, columns) in mm."""
    sums = [path_mm[list(c.structures)].sum(0) >= c.minimum_path_mm for c in CHANNELS]
    masks = torch.stack(sums)
    hidden = hides_lung(path_mm, masks)
    for key in ("right_lung_field", "left_lung_field"):
        masks[channel_index(key)] &= ~hidden
    return masks


def hides_lung(path_mm: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Where heart, opaque mediastinum or what lies below a dome keeps a reader from seeing lung."""
    opaque = path_mm[list(MEDIASTINUM)].sum(0) >= OPAQUE_MEDIASTINUM_MM
    below = [masks[channel_index(f"{side}_hemidiaphragm")] for side in ("left", "right")]
    return opaque | masks[channel_index("heart")] | below[0] | below[1]


def availability(known: frozenset[Structure]) -> npt.NDArray[np.bool_]:
    """Which channels may be trained on a volume where only `known` structures were looked for."""
    hiding = {*MEDIASTINUM, S.BELOW_LEFT_DOME, S.BELOW_RIGHT_DOME}
    needed = [
        set(c.structures) | (hiding if c.key.endswith("_lung_field") else set()) for c in CHANNELS
    ]
    return np.array([need <= known for need in needed])


def pack(masks: torch.Tensor) -> npt.NDArray[np.uint32]:
    """(channels, rows, columns) bool to (rows, columns) uint32, bit c is channel c."""
    weights = (1 << np.arange(len(masks), dtype=np.uint32)).reshape(-1, 1, 1)
    packed: npt.NDArray[np.uint32] = (masks.numpy() * weights).sum(0, dtype=np.uint32)
    return packed


def unpack(packed: npt.NDArray[np.uint32], channels: int) -> npt.NDArray[np.bool_]:
    """Inverse of `pack`: (..., rows, columns) to (..., channels, rows, columns)."""
    bits = np.arange(channels, dtype=np.uint32).reshape(-1, 1, 1)
    return ((packed[..., None, :, :] >> bits) & 1).astype(bool)
