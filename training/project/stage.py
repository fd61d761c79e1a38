"""`project`: many random views of every labelled volume, stacked in a file per volume."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from training.durable import whole_file
from training.executors.port import Executor
from training.ingest.volume import Volume
from training.label.labelled import LabelledVolume
from training.project.deformation import Deformation
from training.project.geometry import View, ViewKind
from training.project.masks import availability, channel_masks, pack
from training.project.projector import Scene, project
from training.project.sampling import (
    random_deformation,
    random_lateral_deformation,
    random_lateral_view,
    random_view,
    shown_rows,
)
from training.project.scene import Framing, build_scene
from training.stage import Stage, read_manifest

Arrays = dict[str, npt.NDArray[Any]]


LATERAL = "lateral"
"""Folder of the lateral views beside the frontal ones."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many random views of a volume, how large, in which steps of depth."""

    views: int
    lateral_views: int
    size: int
    step_mm: float
    seed: int


def project_views(
    ingested: Path,
    labelled: Path,
    folder: Path,
    plan: Plan,
    leave_out: Sequence[str],
    executor: Executor | None = None,
) -> Stage:
    """Write frontal views as `<subject>.npz` and lateral ones as `lateral/<subject>.npz`.

    Arrays are stacked over views: water, bone (float16), masks (bits), rows, view (PA, AP or
    LATERAL); `available` holds for all of them. Leaving a volume out makes no other one again.
    """
    labels = read_manifest(labelled)
    stage = Stage.open(folder, "project", asdict(plan), {}, labels["items"])
    names = [n for n, item in labels["items"].items() if "known" in item and n not in leave_out]
    (folder / LATERAL).mkdir(exist_ok=True)

    def make(name: str) -> dict[str, Any]:
        volume = Volume.load(ingested / f"{name}.npz")
        labels = LabelledVolume.load(labelled / f"{name}.npz")
        frontal, lateral = project_subject(volume, labels, plan, name)
        _save(folder / f"{name}.npz", frontal)
        if plan.lateral_views:
            _save(folder / LATERAL / f"{name}.npz", lateral)
        return {
            "views": plan.views,
            "lateral_views": plan.lateral_views,
            "available": frontal["available"].tolist(),
        }

    stage.each(names, make, executor)
    return stage


def project_subject(
    volume: Volume, labels: LabelledVolume, plan: Plan, name: str
) -> tuple[Arrays, Arrays]:
    """Stacked random frontal and lateral views of one volume."""
    scene, framing = build_scene(volume, labels)
    random = np.random.default_rng([plan.seed, *name.encode()])
    exposures = [
        *((random_view, random_deformation) for _ in range(plan.views)),
        *((random_lateral_view, random_lateral_deformation) for _ in range(plan.lateral_views)),
    ]
    found = []
    for look, bend in tqdm(exposures, leave=False, unit="view"):
        view = look(random, framing, plan.size)
        found.append(_one(scene, framing, view, bend(random), plan.step_mm))
    frontal = _stacked(found[: plan.views], availability(labels.known))
    lateral = _stacked(found[plan.views :], availability(labels.known, is_frontal=False))
    return frontal, lateral


def _one(
    scene: Scene, framing: Framing, view: View, deformation: Deformation, step_mm: float
) -> Arrays:
    projection = project(scene, view, deformation, step_mm)
    is_frontal = view.kind is not ViewKind.LATERAL
    masks = channel_masks(projection.paths, (view.rows, view.columns), is_frontal=is_frontal)
    return {
        "water": projection.water.numpy().astype(np.float16),
        "bone": projection.bone.numpy().astype(np.float16),
        "masks": pack(masks),
        "rows": np.array(shown_rows(view, framing)),
        "view": np.array(view.kind.value),
        "pixel_mm": np.array(view.pixel_mm),
    }


def _stacked(views: Sequence[Arrays], available: npt.NDArray[np.bool_]) -> Arrays:
    stacked = {key: np.stack([view[key] for view in views]) for key in (views[0] if views else ())}
    return {**stacked, "available": available}


def _save(path: Path, arrays: Arrays) -> None:
    with whole_file(path) as temporary:
        np.savez(temporary, **arrays)  # type: ignore[arg-type]
