"""`project`: many random views of every labelled volume, one npz of stacked views per volume."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from training.executors.port import Executor
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume
from training.project.masks import availability, channel_masks, pack
from training.project.projector import Scene, project
from training.project.sampling import random_deformation, random_view, shown_rows
from training.project.scene import Framing, build_scene
from training.stage import Stage, read_manifest

Arrays = dict[str, npt.NDArray[Any]]


def project_views(
    ingested: Path,
    labelled: Path,
    folder: Path,
    *,
    views: int,
    size: int,
    step_mm: float,
    leave_out: Sequence[str],
    seed: int,
    executor: Executor | None = None,
) -> Stage:
    """Write `<subject>.npz`: water, bone (float16), masks (bits), rows, available."""
    settings = {
        "views": views,
        "size": size,
        "step_mm": step_mm,
        "leave_out": list(leave_out),
        "seed": seed,
    }
    labels = read_manifest(labelled)
    stage = Stage.open(folder, "project", settings, {}, labels["items"])
    names = [n for n, item in labels["items"].items() if "known" in item and n not in leave_out]

    def make(name: str) -> dict[str, Any]:
        volume = Volume.load(ingested / f"{name}.npz")
        structures = LabelledVolume.load(labelled / f"{name}.npz")
        scene, framing = build_scene(volume, structures)
        arrays = project_subject(
            scene, framing, views=views, size=size, step_mm=step_mm, seed=[seed, *name.encode()]
        )
        arrays["available"] = availability(structures.known)
        _save(folder / f"{name}.npz", arrays)
        return {"views": views, "available": arrays["available"].tolist()}

    stage.each(names, make, executor)
    return stage


def project_subject(
    scene: Scene, framing: Framing, *, views: int, size: int, step_mm: float, seed: list[int]
) -> Arrays:
    """Stacked random views of one scene."""
    random = np.random.default_rng(seed)
    found = [
        _one(scene, framing, random, size, step_mm)
        for _ in tqdm(range(views), leave=False, unit="view")
    ]
    return {key: np.stack([view[key] for view in found]) for key in found[0]}


def _one(
    scene: Scene, framing: Framing, random: np.random.Generator, size: int, step_mm: float
) -> Arrays:
    view = random_view(random, framing, size)
    projection = project(scene, view, random_deformation(random), step_mm)
    return {
        "water": projection.water.numpy().astype(np.float16),
        "bone": projection.bone.numpy().astype(np.float16),
        "masks": pack(channel_masks(projection.paths, (size, size))),
        "rows": np.array(shown_rows(view, framing)),
    }


def _save(path: Path, arrays: Arrays) -> None:
    temporary = path.with_suffix(".part.npz")
    np.savez(temporary, **arrays)  # type: ignore[arg-type]
    temporary.replace(path)
