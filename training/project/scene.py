"""From a volume and its labels to a scene: attenuation, structures, landmarks, framing."""

from dataclasses import dataclass

import numpy as np
import torch

from training.channels import CHANNELS
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume, Mask
from training.project.deformation import Anatomy
from training.project.projector import Scene

BELOW_SCAN_MM = 70.0  # how far the last slice may be continued where it holds no lung
ABOVE_SCAN_MM = 25.0
LUNGS = tuple(p for c in CHANNELS if c.key in {"right_lung", "left_lung"} for p in c.parts)
HEART = next(c.parts for c in CHANNELS if c.key == "heart")


@dataclass(frozen=True, slots=True)
class Framing:
    """Patient extents in mm: the lungs' box, the z range that may be shown, the volume's sides."""

    lung_left_mm: float
    lung_right_mm: float
    lung_top_mm: float
    lung_bottom_mm: float
    shown_top_mm: float
    shown_bottom_mm: float
    body_depth_mm: float
    lung_front_mm: float
    lung_back_mm: float
    body_width_mm: float


def build_scene(volume: Volume, labels: LabelledVolume) -> tuple[Scene, Framing]:
    """A projectable scene without couch (outside the body nothing attenuates), and its framing."""
    layers = {layer: torch.from_numpy(array) for layer, array in labels.layers.items()}
    framing = _framing(volume, labels)
    anatomy = _anatomy(labels, volume, framing)
    return Scene(torch.from_numpy(volume.hu), layers, volume.spacing_mm, anatomy), framing


def _framing(volume: Volume, labels: LabelledVolume) -> Framing:
    lungs = labels.mask(*LUNGS)
    (bottom, top), (front, back), (right, left) = _extent_mm(lungs, volume.spacing_mm)
    half = (volume.hu.shape[0] - 1) / 2 * volume.spacing_mm[0]
    tolerance = 3 * volume.spacing_mm[0]
    below = 0.0 if bottom < -half + tolerance else BELOW_SCAN_MM
    above = 0.0 if top > half - tolerance else ABOVE_SCAN_MM
    _, depth, width = (n * s for n, s in zip(volume.hu.shape, volume.spacing_mm, strict=True))
    return Framing(
        *(left, right, top, bottom), half + above, -half - below, depth, front, back, width
    )


def _extent_mm(mask: Mask, spacing_mm: tuple[float, float, float]) -> list[tuple[float, float]]:
    """Lowest and highest world coordinate per axis (z, y, x) of a mask."""
    found = []
    for axis, spacing in enumerate(spacing_mm):
        others = tuple(a for a in range(3) if a != axis)
        index = np.flatnonzero(mask.any(axis=others))
        half = (mask.shape[axis] - 1) / 2
        found.append((float(index[0] - half) * spacing, float(index[-1] - half) * spacing))
    return found


def _anatomy(labels: LabelledVolume, volume: Volume, framing: Framing) -> Anatomy:
    centre, radius = _heart(labels.mask(*HEART), volume.spacing_mm, framing)
    return Anatomy(centre, radius, framing.lung_top_mm, framing.lung_bottom_mm)


def _heart(
    heart: Mask, spacing_mm: tuple[float, float, float], framing: Framing
) -> tuple[tuple[float, float, float], float]:
    """Centre (x, y, z) and radius; without a heart label, where hearts usually are."""
    if not heart.any():
        height = framing.lung_bottom_mm + 0.3 * (framing.lung_top_mm - framing.lung_bottom_mm)
        return (20.0, -20.0, height), 55.0
    half = (np.array(heart.shape) - 1) / 2
    z, y, x = ((np.mean(np.nonzero(heart), axis=1) - half) * spacing_mm).tolist()
    voxels = heart.sum() * np.prod(spacing_mm)
    return (x, y, z), float((3 * voxels / (4 * np.pi)) ** (1 / 3))
