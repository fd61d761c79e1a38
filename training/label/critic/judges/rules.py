"""The judge that needs no model: edges, smoothness, pieces, size, density and side of each mask."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from training.label.critic.pictures import BONES
from training.label.critic.question import Answer, Choice, Judge, Question, Scan
from training.label.critic.registry import JUDGES, JudgeSettings
from training.label.derive.derived import surrounding
from training.label.derive.lungs import EVERY_LOBE
from training.label.filters.bands import band_of, default_bands
from training.label.filters.shape import Feature
from training.label.labelled import Mask

WEIGHTS = {"edges": 2.0, "smooth": 1.0, "pieces": 1.0, "size": 1.5, "density": 2.0, "side": 2.0}
MARGIN = 0.1
MARGIN_VOXELS = 4
LUNGS = {*EVERY_LOBE, "right_lung", "left_lung"}
# Within these limits lies most of a structure: bone with its marrow, aerated lung, other tissue.
DENSITIES_HU = {"bone": (80, 3071), "lung": (-1024, -400), "soft": (-150, 600)}


@dataclass(frozen=True, slots=True)
class RuleJudge:
    """Scores both masks by the same rules; a small difference is none."""

    def better(self, question: Question) -> Answer:
        """Return the mask with the higher score."""
        scores = [marks(question.key, question.scan, m) for m in (question.first, question.second)]
        totals = [sum(WEIGHTS[name] * mark for name, mark in score.items()) for score in scores]
        reason = "; ".join(
            f"{name} {scores[0][name]:.2f} and {scores[1][name]:.2f}" for name in WEIGHTS
        )
        if abs(totals[0] - totals[1]) < MARGIN:
            return Answer(Choice.NEITHER, reason)
        return Answer(Choice.FIRST if totals[0] > totals[1] else Choice.SECOND, reason)


@JUDGES.register("rules")
def rule_judge(_: JudgeSettings) -> Judge:
    """Return the judge; it has no settings."""
    return RuleJudge()


def marks(key: str, scan: Scan, mask: Mask) -> Mapping[str, float]:
    """Return marks from 0 to 1 of a mask (z, y, x); an empty mask has none but 0."""
    if not mask.any():
        return dict.fromkeys(WEIGHTS, 0.0)
    box = surrounding(mask, MARGIN_VOXELS)
    inside, hu = np.pad(mask[box], 1), np.pad(scan.hu[box].astype(np.float32), 1, "edge")
    return {
        "edges": _edges(inside, hu),
        "smooth": _smooth(inside),
        "pieces": _pieces(inside),
        "size": _size(key, float(mask.sum() * np.prod(scan.spacing_mm) / 1000)),
        "density": _density(key, hu[inside]),
        "side": _side(key, scan.body, mask),
    }


def _edges(mask: Mask, hu: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Return how much of the border's neighbourhood is less steep than the border itself."""
    steepness = ndimage.gaussian_gradient_magnitude(np.clip(hu, -1000, 1000), 1.0)
    border = mask & ~ndimage.binary_erosion(mask)
    near = ndimage.binary_dilation(mask, iterations=3) & ~ndimage.binary_erosion(mask, iterations=3)
    around = float(steepness[near].mean())
    at = float(steepness[border].mean())
    return at / (at + around) if at + around > 0 else 0.0


def _smooth(mask: Mask) -> float:
    """Return the overlap (Dice) of a mask and its median."""
    middle = ndimage.median_filter(mask, size=3)
    return float(2 * (mask & middle).sum() / (mask.sum() + middle.sum()))


def _pieces(mask: Mask) -> float:
    """Return the share of the largest piece."""
    pieces, _ = ndimage.label(mask)
    return float(np.bincount(pieces.ravel())[1:].max() / mask.sum())


def _size(key: str, volume_ml: float) -> float:
    """Return 1 inside the literature's band, less by every doubling outside of it."""
    band = band_of(key, Feature.VOLUME_ML, default_bands())
    if band is None:
        return 1.0
    beyond = max(band.low / volume_ml, volume_ml / band.high, 1.0)
    return float(1 / beyond)


def _density(key: str, hu: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    """Return the share of voxels as dense as the structure's tissue."""
    tissue = "bone" if key in BONES else "lung" if key in LUNGS else "soft"
    if key == "trachea":
        tissue = "lung"
    low, high = DENSITIES_HU[tissue]
    return float(((hu >= low) & (hu <= high)).mean())


def _side(key: str, body: Mask, mask: Mask) -> float:
    """Return the share on the patient's own side of the body's middle; 1 for what has no side."""
    if "left" not in key and "right" not in key:
        return 1.0
    columns = np.flatnonzero(body.any((0, 1)))
    middle = float(columns.mean()) if len(columns) else mask.shape[2] / 2
    x = np.nonzero(mask)[2]
    return float((x > middle).mean() if "left" in key else (x < middle).mean())
