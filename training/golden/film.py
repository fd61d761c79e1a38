"""The films that belong to the golden masks: the same volume, the same geometry, as pictures."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image

from training.golden.stage import NOWHERE, STEP_MM, VOXEL_MM
from training.golden.views import EXPOSURES, Exposure
from training.ingest.volume import Volume
from training.project.deformation import Deformation
from training.project.projector import Scene, line_integrals
from training.samples import BITS, detector_values

QUALITY = 85
BONE = 1.2
"""As in the samples: how much brighter bone is than the volume's Hounsfield units alone say."""


def write_films(volume: Volume, folder: Path) -> Iterator[Path]:
    """Write `frontal.jpg` and `lateral.jpg`: 8-bit grey, bright = dense, on the masks' grids."""
    fine = volume.resampled(VOXEL_MM)
    folder.mkdir(parents=True, exist_ok=True)
    for exposure in EXPOSURES:
        path = folder / f"{exposure.name}.jpg"
        Image.fromarray(film(exposure, fine)).save(path, quality=QUALITY)
        yield path


def film(exposure: Exposure, volume: Volume) -> npt.NDArray[np.uint8]:
    """Return the exposure of a volume of 1 mm voxels, uint8 (rows, columns)."""
    scene = Scene(torch.from_numpy(volume.hu), {}, (VOXEL_MM,) * 3, NOWHERE)
    water, bone = line_integrals(scene, exposure.view(volume.hu.shape), Deformation(), STEP_MM)
    stored = detector_values((water + BONE * bone).numpy(), seed=1)
    return (stored >> (BITS - 8)).astype(np.uint8)
