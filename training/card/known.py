"""What the volumes of a run could say: read from the folders of its stages."""

from pathlib import Path

import numpy as np

from training.card.missing import Known
from training.channels import TRAINED_KEYS
from training.stage import read_manifest


def known_of(work: Path, *, lateral: bool) -> Known:
    """Structures that the `label` stage looked for, and channels that any projected view shows."""
    volumes = read_manifest(work / "label").get("items", {}).values()
    labelled = frozenset(key for volume in volumes for key in volume.get("known", ()))
    views = sorted((work / "project" / ("lateral" if lateral else "")).glob("*.npz"))
    return Known(labelled, _seen(views) if views else None)


def _seen(paths: list[Path]) -> frozenset[str]:
    seen = np.zeros(len(TRAINED_KEYS), np.bool_)
    for path in paths:
        with np.load(path) as file:
            packed = file["masks"]
            available = file["available"]
        any_pixel = np.bitwise_or.reduce(packed.reshape(-1, packed.shape[-1]), axis=0)
        seen |= available & np.unpackbits(any_pixel, count=len(TRAINED_KEYS)).astype(np.bool_)
    return frozenset(key for key, shown in zip(TRAINED_KEYS, seen, strict=True) if shown)
