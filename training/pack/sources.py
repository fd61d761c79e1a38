"""Where samples come from: the views of the project stage, and films on which people have drawn."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch

from training.channels import EXPERT_KEYS, TRAINED, TRAINED_KEYS, trained_index
from training.fit.dataset import FILM_SIZE, read_expert_masks, read_grey
from training.pack.shard import PackedSample
from training.project.masks import pack

FOLDERS = ("", "lateral")
FRONTAL = "FRONTAL"


def projected(folder: Path, subject: str) -> Iterator[PackedSample]:
    """Yield the views of one subject, cut to the rows that the scan can honestly show."""
    for path in (folder / part / f"{subject}.npz" for part in FOLDERS):
        if path.exists():
            yield from _views(path, subject)


def _views(path: Path, subject: str) -> Iterator[PackedSample]:
    # Opened here, because numpy would leave a damaged file open.
    with path.open("rb") as opened, np.load(opened) as file:
        arrays = {name: file[name] for name in file.files}
    known = tuple(k for k, a in zip(TRAINED_KEYS, arrays["available"], strict=True) if a)
    views = arrays.get("view")
    for place, (first, last) in enumerate(arrays["rows"]):
        shown = slice(int(first), int(last))
        yield PackedSample(
            subject=subject,
            view=FRONTAL if views is None else str(views[place]),
            water=arrays["water"][place, shown],
            bone=arrays["bone"][place, shown],
            masks=arrays["masks"][place, shown],
            known=known,
        )


def films(paths: Sequence[Path]) -> Iterator[PackedSample]:
    """Yield films with human masks; grey values from 0 to 255, bright = dense."""
    for path in paths:
        grey = read_grey(path, FILM_SIZE)
        masks = np.zeros((len(TRAINED), *grey.shape), dtype=bool)
        masks[[trained_index(key) for key in EXPERT_KEYS]] = read_expert_masks(path, FILM_SIZE)
        yield PackedSample(
            subject=f"film-{path.stem}",
            view=FRONTAL,
            water=grey.astype(np.float16),  # exact up to 2048
            bone=None,
            masks=pack(torch.from_numpy(masks)),
            known=EXPERT_KEYS,
        )
