"""plastimatch `drr`, another project's projector: the same volume in the same geometry."""

import subprocess
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK

from training.project.geometry import View, ViewKind

MM_PER_CM = 10.0
NORMALS = {ViewKind.PA: "0 1 0", ViewKind.AP: "0 -1 0", ViewKind.LATERAL: "-1 0 0"}
"""Of the detector, towards the source, in patient axes."""

Spacing = tuple[float, float, float]
Values = npt.NDArray[np.float32]


def write_mha(path: Path, volume: npt.NDArray[np.generic], spacing_mm: Spacing) -> None:
    """Write a volume (z, y, x) whose middle lies in the origin."""
    image = SimpleITK.GetImageFromArray(volume)
    spacing = spacing_mm[::-1]
    image.SetSpacing(spacing)
    sizes = zip(volume.shape[::-1], spacing, strict=True)
    image.SetOrigin([-(count - 1) / 2 * step for count, step in sizes])
    SimpleITK.WriteImage(image, str(path))


def drr(program: Path, volume: Path, view: View, *options: str) -> Values:
    """Line integrals (rows, columns) in millimetres; the volume holds plain numbers per length.

    The view is centred, straight and square: plastimatch misplaces the middle of others. It looks
    from the source to the detector, so PA and lateral pictures are turned round.
    """
    written = volume.with_suffix("")
    size = (view.rows * view.pixel_mm, view.columns * view.pixel_mm)
    command = [
        *(str(program), "drr", "-A", "cpu", "-t", "pfm", "-P", "none"),
        *("--sad", str(abs(view.source_y_mm)), "--sid", str(view.source_to_detector_mm)),
        *("-r", f"{view.rows} {view.columns}", "-z", f"{size[0]} {size[1]}", "-o", "0 0 0"),
        *("-n", NORMALS[view.kind], "-O", str(written), *options, str(volume)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    picture = read_pfm(written.with_name(f"{written.name}0000.pfm"))
    return MM_PER_CM * (picture if view.kind is ViewKind.AP else picture[:, ::-1])


def read_pfm(path: Path) -> Values:
    """Read a portable float map as plastimatch writes it: little-endian, first row on top."""
    with path.open("rb") as file:
        if file.readline().strip() != b"Pf":
            raise ValueError(f"{path} is no grey float map")
        columns, rows = map(int, file.readline().split())
        file.readline()
        return np.frombuffer(file.read(), "<f4").reshape(rows, columns)
