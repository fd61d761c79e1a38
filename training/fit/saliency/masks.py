"""From where a classifier looks to a mask: Otsu's threshold, outer contours, filled."""

import numpy as np
import numpy.typing as npt
import SimpleITK
import torch
from scipy import ndimage
from torch.nn import functional

GREYS = 255


def pseudo_mask(
    saliency: npt.NDArray[np.float32], shape: tuple[int, int], cutoff: float
) -> npt.NDArray[np.bool_] | None:
    """Bool mask of `shape` from a map of any size; None where its peak is below the cut-off.

    A peak that low is the classifier's doubt, and no mask is no knowledge. (CheXseg teaches an
    empty mask there.)
    """
    peak = float(saliency.max())
    if peak <= 0 or peak < cutoff:
        return None
    enlarged = functional.interpolate(
        torch.from_numpy(saliency)[None, None] / peak, size=shape, mode="bilinear"
    )
    greys = (enlarged[0, 0].numpy() * GREYS).round().astype(np.uint8)
    return filled(greys > otsu(greys))


def otsu(greys: npt.NDArray[np.uint8]) -> float:
    """The grey value that divides a picture best in two."""
    divide = SimpleITK.OtsuThresholdImageFilter()
    divide.SetNumberOfHistogramBins(GREYS + 1)
    divide.Execute(SimpleITK.GetImageFromArray(greys))
    return float(divide.GetThreshold())


def filled(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """What the outer contours of a mask enclose."""
    return np.asarray(ndimage.binary_fill_holes(mask), dtype=bool)
