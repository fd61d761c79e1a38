"""Size and shape of every labelled organ: what a filter compares with other bodies.

After UKBOB (Bourigault et al. 2025): volume as a share of the body's, sphericity, eccentricity.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import SimpleITK as sitk  # noqa: N813 - its own convention

from service.anatomy.structures import structures
from training.label.derive.derived import Spacing
from training.label.derive.lungs import lung, lungs
from training.label.labelled import Labels, Mask


class Feature(StrEnum):
    """What is measured of a shape."""

    VOLUME_ML = "volume_ml"
    SHARE = "share"
    SPHERICITY = "sphericity"
    ECCENTRICITY = "eccentricity"


@dataclass(frozen=True, slots=True)
class Shape:
    """One organ's shape.

    values: volume in ml; share of the body's volume beside the lungs; sphericity, 1 for a ball:
    pi^(1/3) (6 V)^(2/3) / A; eccentricity from the axes of inertia, 0 for a ball, 1 for a line.
    `cut`: it touches the edge of the scan, so that it is smaller than in the body, and of another
    shape.
    """

    values: Mapping[Feature, float]
    cut: bool


def shapes(organs: Labels, body: Mask, spacing_mm: Spacing) -> dict[str, Shape]:
    """Return the shape of every structure that has voxels, and of both lungs as wholes."""
    body_ml = _body_ml(organs, body, spacing_mm)
    names = {structure.number: structure.key for structure in structures()}
    found = {names[n]: shape for n, shape in _measured(organs, spacing_mm, body_ml).items()}
    for side in ("right", "left"):
        whole = _measured(lung(organs, side).astype(np.uint8), spacing_mm, body_ml)
        if 1 in whole:
            found[f"{side}_lung"] = whole[1]
    return found


def _body_ml(organs: Labels, body: Mask, spacing_mm: Spacing) -> float:
    """Return the body's volume beside the lungs: a scan may begin and end anywhere else."""
    beside = np.flatnonzero(lungs(organs).any((1, 2)))
    part = body[beside[0] : beside[-1] + 1] if len(beside) else body
    return float(part.sum() * np.prod(spacing_mm) / 1000)


def _measured(labels: Labels, spacing_mm: Spacing, body_ml: float) -> dict[int, Shape]:
    image = sitk.GetImageFromArray(labels)
    image.SetSpacing(spacing_mm[::-1])
    measure = sitk.LabelShapeStatisticsImageFilter()
    measure.ComputePerimeterOn()
    measure.Execute(image)
    return {int(n): _shape(measure, n, body_ml) for n in measure.GetLabels()}


def _shape(measure: sitk.LabelShapeStatisticsImageFilter, label: int, body_ml: float) -> Shape:
    volume_ml = measure.GetPhysicalSize(label) / 1000
    shortest, _, longest = (max(0.0, moment) for moment in measure.GetPrincipalMoments(label))
    values = {
        Feature.VOLUME_ML: volume_ml,
        Feature.SHARE: volume_ml / body_ml if body_ml > 0 else float("nan"),
        Feature.SPHERICITY: measure.GetRoundness(label),
        Feature.ECCENTRICITY: float(np.sqrt(1 - shortest / longest)) if longest > 0 else 0.0,
    }
    return Shape(values, cut=measure.GetNumberOfPixelsOnBorder(label) > 0)
