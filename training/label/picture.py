"""One picture per labelled volume, to look at: organs, ribs behind, ribs in front, the side.

Projections are straight (no perspective): a mean along an axis. A label is painted where any voxel
of it lies along the ray, in the vocabulary's colour; ribs and vertebrae carry their number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

from service.anatomy.structures import structures_by_key
from training.channels import Layer, number_of
from training.durable import whole_file
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume, Labels, Mask

ROWS = 480
GREY_HU = (-100.0, 700.0)  # of what a panel of bones shows
AIR_HU = -1000.0
OUTLINED, FILLED = 0.25, 0.45
RIBS = range(1, 13)
VERTEBRAE = (
    *(f"c{n}" for n in range(1, 8)),
    *(f"t{n}" for n in range(1, 13)),
    *(f"l{n}" for n in range(1, 6)),
)
LOBES = (
    *("lung_upper_lobe_right", "lung_middle_lobe_right", "lung_lower_lobe_right"),
    *("lung_upper_lobe_left", "lung_lower_lobe_left", "right_lung", "left_lung"),
)
ORGANS = (
    *("liver", "stomach", "heart", "ascending_aorta", "aortic_arch", "descending_aorta", "aorta"),
    *("superior_vena_cava", "inferior_vena_cava", "esophagus", "trachea"),
)
FRONT = ("sternum", "rib_cartilage", "clavicle_left", "clavicle_right")
BACK = ("scapula_left", "scapula_right")

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Panel:
    """What one panel paints: the axis to look along, keys, their words, grey of bone or of all."""

    axis: int
    keys: Mapping[str, str]
    bones: bool = True
    opacity: float = FILLED


def _ribs(part: str) -> dict[str, str]:
    """Key -> number, for the ribs' parts of one kind on both sides."""
    keys = {}
    for side in ("right", "left"):
        for rib in RIBS:
            key = f"{part}_rib_{rib}_{side}" if rib < max(RIBS) else f"rib_{rib}_{side}"
            keys[key] = str(rib)
    return keys


PANELS = (
    Panel(1, dict.fromkeys((*LOBES, *ORGANS), ""), bones=False, opacity=OUTLINED),
    Panel(1, {**dict.fromkeys(BACK, ""), **_ribs("posterior")}),
    Panel(1, {**dict.fromkeys(FRONT, ""), **_ribs("anterior")}),
    Panel(
        2,
        {
            **dict.fromkeys(("heart", "aortic_arch", "descending_aorta", "sternum"), ""),
            **{f"vertebra_{name}": name.upper() for name in VERTEBRAE},
        },
    ),
)


def write_picture(path: Path, volume: Volume, labels: LabelledVolume) -> None:
    """Write a PNG of two rows of two panels; what is not known is not painted."""
    organs = labels.layers[Layer.ORGANS]
    panels = [draw(panel, volume, organs, labels.known) for panel in PANELS]
    height = max(panel.shape[0] for panel in panels)
    width = max(panel.shape[1] for panel in panels)
    padded = [_padded(panel, height, width) for panel in panels]
    with whole_file(path) as temporary:
        Image.fromarray(np.vstack([np.hstack(padded[:2]), np.hstack(padded[2:])])).save(temporary)


def draw(panel: Panel, volume: Volume, organs: Labels, known: Iterable[str]) -> Picture:
    """RGB (rows, columns, 3) of one panel, head up."""
    keys = [key for key in panel.keys if key in set(known)]
    masks = {key: (organs == number_of(key)).any(panel.axis)[::-1] for key in keys}
    low, high = GREY_HU if panel.bones else (AIR_HU, GREY_HU[1])
    grey = np.clip(volume.hu, low, high).mean(panel.axis, dtype=np.float32)[::-1]
    picture = painted(_grey(grey), masks, panel.opacity)
    scale = ROWS / picture.shape[0]
    image = Image.fromarray(picture).resize(
        (round(picture.shape[1] * scale), ROWS), Image.Resampling.NEAREST
    )
    words = ImageDraw.Draw(image)
    for key, mask in masks.items():
        for row, column in _places(mask) if panel.keys[key] else ():
            where = (column * scale - 4, row * scale - 5)
            words.text(where, panel.keys[key], fill="white", stroke_width=1, stroke_fill="black")
    return np.asarray(image)


def _places(mask: Mask) -> list[tuple[float, float]]:
    """Where a structure's number is written: near both ends of a wide one, else in its middle."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return []
    if np.ptp(columns) <= np.ptp(rows):
        return [(float(np.median(rows)), float(np.median(columns)))]
    at = np.quantile(columns, (0.2, 0.8))
    return [(float(rows[np.abs(columns - c) <= 1].mean()), float(c)) for c in at]


def _padded(picture: Picture, height: int, width: int) -> Picture:
    lacking = ((0, height - picture.shape[0]), (0, width - picture.shape[1]), (0, 0))
    return np.pad(picture, lacking)


def _grey(values: npt.NDArray[np.float32]) -> Picture:
    low, high = np.percentile(values, [0.5, 99.5])
    scaled = np.clip((values - low) / max(1e-6, float(high - low)), 0, 1) * 255
    return np.asarray(scaled, dtype=np.uint8)


def painted(grey: Picture, masks: Mapping[str, Mask], opacity: float) -> Picture:
    """RGB (rows, columns, 3): masks in their vocabulary's colours, outlined and filled."""
    picture = np.stack([grey] * 3, -1).astype(np.float32)
    for key, mask in masks.items():
        colour = np.array(structures_by_key()[key].colour_rgb, np.float32)
        picture[mask] = (1 - opacity) * picture[mask] + opacity * colour
        picture[mask & ~ndimage.binary_erosion(mask)] = colour
    return np.asarray(picture, dtype=np.uint8)
