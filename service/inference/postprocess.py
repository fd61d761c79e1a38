"""Probabilities on the model grid to masks on the source grid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.domain.segmentation import Segmentation
from service.inference.manifest import LabelEntry
from service.inference.preprocess import Resampling, to_source_grid


def to_segmentation(
    probabilities: NDArray[np.float32], resampling: Resampling, labels: Sequence[LabelEntry]
) -> Segmentation:
    """Return thresholded masks on the source grid.

    probabilities: float32 (channels, size, size), 0-1; labels[i] belongs to channel i. A mask
    smaller than its label's minimum area is emptied: it is noise, not a small organ.
    """
    shape = (len(labels), resampling.rows, resampling.columns)
    masks = np.zeros(shape, np.bool_)
    means = np.zeros(len(labels), np.float32)
    for index, label in enumerate(labels):
        plane = to_source_grid(probabilities[index], resampling)
        mask = plane >= label.threshold
        if mask.mean() > label.minimum_area_fraction:
            masks[index] = mask
            means[index] = plane[mask].mean()
    return Segmentation(tuple(label.to_segment() for label in labels), masks, means)
