"""`golden`: project a labelled CT, frontal and lateral, into masks with a known geometry."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from training.channels import TRAINED_KEYS, Layer
from training.golden.finer import finer
from training.golden.parts import Part, lower_border_of_t4, parts
from training.golden.views import EXPOSURES, Exposure
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume
from training.label.stage import label_volume
from training.project.deformation import Anatomy, Deformation
from training.project.masks import channel_masks
from training.project.projector import Paths, only_labels, path_lengths
from training.samples import magnification

VOXEL_MM = 1.0
LABEL_MM = 1.5
STEP_MM = 1.0
NOWHERE = Anatomy((0.0, 0.0, 0.0), 1.0, 1.0, -1.0)  # nothing is deformed
UPPER_MEDIASTINUM_MM = 15.0
# Channels that no part says better. The committed masks of these are older than today's label
# rules (tests/golden/README.md): what is measured on them is recorded in tests.
FROM_CHANNELS = {
    *("right_lung", "left_lung", "right_lung_field", "left_lung_field", "heart"),
    *("cardiomediastinum", "spine", "left_hemidiaphragm", "right_hemidiaphragm"),
}
Masks = dict[str, npt.NDArray[np.bool_]]


def write_golden(volume: Volume, folder: Path) -> Iterator[Path]:
    """Write `frontal.npz` and `lateral.npz`: keys, bits, shape, spacing in the patient."""
    structures = label_volume(volume.resampled(LABEL_MM), None)
    layers = layered(list(fine_parts(volume, structures)))
    shape = layers[0][0].shape
    for exposure in EXPOSURES:
        found = view_masks(exposure, layers) | _channels(exposure, structures.resampled_to(shape))
        path = folder / f"{exposure.name}.npz"
        save_masks(path, found, spacing_mm(exposure, shape))
        yield path


def fine_parts(volume: Volume, structures: LabelledVolume) -> Iterator[Part]:
    """Yield bones, aorta, airway and upper mediastinum on the fine grid."""
    if volume.labels is None:
        raise ValueError("golden masks need a labelled volume")
    for part in parts(volume.labels, volume.spacing_mm):
        yield Part(part.key, finer(part.mask, volume.spacing_mm, VOXEL_MM), part.minimum_path_mm)
    shape = tuple(
        round(n * s / VOXEL_MM) for n, s in zip(volume.labels.shape, volume.spacing_mm, strict=True)
    )
    plane = lower_border_of_t4(volume.labels) * volume.spacing_mm[0] / VOXEL_MM
    upper = structures.resampled_to(shape).layers[Layer.MEDIASTINUM] > 0
    upper[: round(plane)] = False
    yield Part("upper_mediastinum", upper, UPPER_MEDIASTINUM_MM)


Stack = tuple[npt.NDArray[np.uint8], list[Part]]


def layered(found: Sequence[Part]) -> list[Stack]:
    """Return label volumes in which parts do not overlap; label n is the n-th part of its layer."""
    layers: list[Stack] = []
    for part in found:
        layer = next((one for one in layers if not one[0][part.mask].any()), None)
        if layer is None:
            layer = (np.zeros(part.mask.shape, np.uint8), [])
            layers.append(layer)
        layer[1].append(part)
        layer[0][part.mask] = len(layer[1])
    return layers


def view_masks(exposure: Exposure, layers: Sequence[Stack]) -> Masks:
    """Return the mask of every part that is seen, bool (rows, columns), in order of key."""
    found: Masks = {}
    for labels, members in layers:
        lengths = _paths(exposure, {Layer.ORGANS: labels})[Layer.ORGANS]
        for number, part in enumerate(members, start=1):
            if number in lengths:
                found[part.key] = (lengths[number] >= part.minimum_path_mm).numpy()
    return {key: mask for key, mask in sorted(found.items()) if mask.any()}


def _channels(exposure: Exposure, structures: LabelledVolume) -> Masks:
    shape = exposure.rows, exposure.columns
    masks = channel_masks(_paths(exposure, structures.layers), shape, is_frontal=False).numpy()
    named = zip(TRAINED_KEYS, masks, strict=True)
    return {key: mask for key, mask in named if key in FROM_CHANNELS and mask.any()}


def _paths(exposure: Exposure, layers: Mapping[Layer, npt.NDArray[np.uint8]]) -> Paths:
    volumes = {layer: torch.from_numpy(labels) for layer, labels in layers.items()}
    scene = only_labels(volumes, (VOXEL_MM,) * 3, NOWHERE)
    return path_lengths(scene, exposure.view(tuple(scene.hu.shape)), Deformation(), STEP_MM)


def spacing_mm(exposure: Exposure, shape: tuple[int, ...]) -> float:
    """Return the pixel's size in the middle of the patient; `shape` is the volume's (z, y, x)."""
    view = exposure.view(shape)
    return view.pixel_mm / magnification(view)


def save_masks(path: Path, masks: Masks, spacing: float) -> None:
    """Write one bit a pixel; bytes depend on the content alone."""
    masks = dict(sorted(masks.items()))
    stack = np.stack(list(masks.values()))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        keys=np.array(list(masks)),
        shape=np.array(stack.shape),
        bits=np.packbits(stack),
        spacing_mm=np.array(spacing),
    )
