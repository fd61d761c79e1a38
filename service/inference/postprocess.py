"""Probabilities on the model grid to masks on the source grid."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.domain.segmentation import Segmentation
from service.inference.manifest import LabelEntry
from service.inference.preprocess import Resampling, source_window, to_source_window
from service.inference.specks import cleaned


def to_segmentation(
    probabilities: NDArray[np.float32], resampling: Resampling, labels: Sequence[LabelEntry]
) -> Segmentation:
    """Return thresholded masks on the source grid.

    probabilities: float32 (channels, n, n), 0-1, the model's grid or one that is coarser by a whole
    number; labels[i] belongs to channel i. A mask smaller than its label's minimum area is emptied:
    it is noise, not a small organ. Of a structure that is one piece, specks are dropped.
    """
    shape = (len(labels), resampling.rows, resampling.columns)
    masks = np.zeros(shape, np.bool_)
    means = np.zeros(len(labels), np.float32)
    for index, label in enumerate(labels):
        plane = cleaned(probabilities[index], label)
        # Most structures are small, and resampling is what takes the time: only where they are.
        window = source_window(plane >= label.threshold, resampling)
        if window is None:
            continue
        part = to_source_window(plane, resampling, window)
        mask = part >= label.threshold
        if mask.sum() > label.minimum_area_fraction * masks[index].size:
            masks[index][window.slices] = mask
            means[index] = part[mask].mean()
    return Segmentation(tuple(label.to_segment() for label in labels), masks, means)
