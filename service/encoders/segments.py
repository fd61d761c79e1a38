"""Which of a model's labels a segmentation describes, and in which order."""

import numpy as np

from service.anatomy.profiles import LabelProfile
from service.domain.segmentation import Segmentation
from service.errors import NothingToEncode


def chosen(segmentation: Segmentation, profile: LabelProfile) -> Segmentation:
    """Return the profile's part of the segmentation, by number, found or not.

    The order follows from model and profile alone, never from what a film shows, so that the
    n-th segment is the same structure on every film. Raises NothingToEncode when there is none.
    """
    numbered = sorted(enumerate(segmentation.segments), key=lambda pair: pair[1].number)
    indices = [index for index, segment in numbered if profile.has(segment.key)]
    if not indices:
        raise NothingToEncode(f"the model has no label of the profile {profile.name}")
    if indices == list(range(len(segmentation.segments))):
        return segmentation
    return Segmentation(
        tuple(segmentation.segments[index] for index in indices),
        segmentation.masks[indices],
        np.asarray(segmentation.probabilities[indices]),
    )
