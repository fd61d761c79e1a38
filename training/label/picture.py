"""One picture per labelled volume: a straight projection, its organs and its bones, to look at."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage

from training.channels import TRAINED_KEYS
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume, Mask
from training.project.deformation import Deformation
from training.project.geometry import View, frontal_view
from training.project.masks import availability, channel_masks
from training.project.projector import project
from training.project.scene import Framing, build_scene
from training.vocabulary import ENTRIES

SIZE = 320
STEP_MM = 3.0
ORGANS = [
    "right_lung_field",
    "left_lung_field",
    "heart",
    "cardiomediastinum",
    "aorta",
    "trachea",
    "left_hemidiaphragm",
    "right_hemidiaphragm",
]
BONES = [
    "clavicle_left",
    "clavicle_right",
    "scapula_left",
    "scapula_right",
    "spine",
    "ribs",
]
FILLED = 0.35  # opacity of bones

Picture = npt.NDArray[np.uint8]


def write_picture(path: Path, volume: Volume, labels: LabelledVolume) -> None:
    """Write a PNG of three panels: the projection, organs outlined, bones filled."""
    scene, framing = build_scene(volume, labels)
    projection = project(scene, straight_view(framing), Deformation(), STEP_MM)
    masks = channel_masks(projection.paths, (SIZE, SIZE)).numpy()
    known = availability(labels.known)
    shown = dict(zip(TRAINED_KEYS, masks & known[:, None, None], strict=True))
    grey = _grey((projection.water + projection.bone).numpy())
    organs = {key: shown[key] for key in ORGANS}
    bones = {key: shown[key] for key in BONES}
    panels = [painted(grey, {}, 0.0), painted(grey, organs, 0.0), painted(grey, bones, FILLED)]
    Image.fromarray(np.hstack(panels)).save(path)


def straight_view(framing: Framing) -> View:
    """PA, centred on the lungs, with a margin."""
    width = framing.lung_left_mm - framing.lung_right_mm
    height = framing.lung_top_mm - framing.lung_bottom_mm
    centre_x = (framing.lung_left_mm + framing.lung_right_mm) / 2
    centre_z = (framing.lung_top_mm + framing.lung_bottom_mm) / 2
    return frontal_view(
        anteroposterior=False,
        depth_mm=framing.body_depth_mm,
        gap_mm=20.0,
        centre=(centre_x, centre_z - 10),
        size=(SIZE, SIZE),
        pixel_mm=1.5 * max(width, height) / SIZE,
    )


def _grey(integral: npt.NDArray[np.float32]) -> Picture:
    low, high = np.percentile(integral, [0.5, 99.5])
    scaled = np.clip((integral - low) / max(1e-6, high - low), 0, 1) * 255
    return np.asarray(scaled, dtype=np.uint8)


def painted(grey: Picture, masks: dict[str, Mask], opacity: float) -> Picture:
    """RGB (rows, columns, 3): masks in their vocabulary's colours, outlined and filled."""
    picture = np.stack([grey] * 3, -1).astype(np.float32)
    for key, mask in masks.items():
        colour = np.array(ENTRIES[key].colour_rgb, np.float32)
        picture[mask] = (1 - opacity) * picture[mask] + opacity * colour
        picture[mask & ~ndimage.binary_erosion(mask)] = colour
    return np.asarray(picture, dtype=np.uint8)
