"""Small earlier stages to pack: subjects with drawn views, so that every area is known."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from training.channels import TRAINED, TRAINED_KEYS, trained_index
from training.experiment import FilmsRecipe, PackRecipe
from training.pack.stage import PackRun
from training.stage import Stage, fingerprint

SIZE, VIEWS = 16, 3
HEART_ROWS = 4  # of 16: the heart covers a quarter of every picture
KNOWN = ("heart", "right_lung", "trachea")


def drawn_masks() -> np.ndarray:
    """A heart in the upper quarter, a right lung in the right half, no trachea."""
    masks = np.zeros((VIEWS, SIZE, SIZE, len(TRAINED)), dtype=bool)
    masks[:, :HEART_ROWS, :, trained_index("heart")] = True
    masks[:, :, SIZE // 2 :, trained_index("right_lung")] = True
    return np.packbits(masks, axis=-1)


def write_views(path: Path, seed: int, views: tuple[str, ...] = ("PA", "AP", "PA")) -> None:
    random = np.random.default_rng(seed)
    pictures = random.random((2, VIEWS, SIZE, SIZE)).astype(np.float16)
    np.savez(
        path,
        water=pictures[0],
        bone=pictures[1],
        masks=drawn_masks(),
        rows=np.array([(0, SIZE)] * VIEWS),
        view=np.array(views),
        available=np.array([key in KNOWN for key in TRAINED_KEYS]),
    )


def add_lateral(work: Path, subjects: Iterable[str]) -> None:
    """Lateral views beside the frontal ones of `run_of`, before they are packed."""
    folder = work / "project" / "lateral"
    folder.mkdir(exist_ok=True)
    for seed, name in enumerate(subjects, start=2000):
        write_views(folder / f"{name}.npz", seed, ("LATERAL",) * VIEWS)


def run_of(work: Path, patients: dict[str, str], recipe: PackRecipe, films: int = 0) -> PackRun:
    """A finished ingest, label and project stage for the subjects of the patients."""

    def ingested(name: str) -> dict[str, object]:
        return {
            "patient": patients[name],
            "source": "drawn",
            "licence": "CC0-1.0",
            "acquisition": {"kilovolt_peak": 120.0, "slice_thickness_mm": 1.25, "sex": "F"},
        }

    def projected(name: str) -> dict[str, object]:
        write_views(work / "project" / f"{name}.npz", int(fingerprint(name), 16) % 1000)
        return {"views": VIEWS}

    upstream: dict[str, dict[str, object]] = {}
    stages = {
        "ingest": ingested,
        "label": lambda _: {"known": list(KNOWN)},
        "project": projected,
    }
    for word, make in stages.items():
        stage = Stage.open(work / word, word, {}, {}, upstream)
        stage.each(patients, make)
        upstream = stage.items
    return PackRun(
        work / "ingest",
        work / "label",
        work / "project",
        written_films(work / "films", films) if films else None,
        recipe,
        FilmsRecipe(score_from=films, score_to=films + 5),
        "CC0-1.0",
    )


def written_films(folder: Path, count: int) -> Path:
    """Films whose heart (blue) is their upper half; five more that only score."""
    folder.mkdir(parents=True)
    mask = np.zeros((SIZE, SIZE, 3), dtype=np.uint8)
    mask[: SIZE // 2, :, 2] = 255
    for number in range(count + 5):
        grey = np.full((SIZE, SIZE), 40 + number, dtype=np.uint8)
        Image.fromarray(grey).save(folder / f"{number:03d}.png")
        Image.fromarray(mask).save(folder / f"{number:03d}.mask.png")
    return folder
