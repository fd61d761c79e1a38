"""All that a gate may look at, gathered once for each radiograph."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.domain.gate import Gate
from service.domain.image import SourceImage, ViewPosition
from service.gates.certainty import certainty
from service.gates.storing import AS_HUNG, Storing, as_hung
from service.inference.preprocess import ModelInput, content_of
from service.inference.session import Segmenter
from service.measurements.registry import Subject


@dataclass(frozen=True, slots=True)
class Evidence:
    """image: with what its header says. subject: masks and spacing, as measurements see them.

    content: float32 (rows, columns), the picture as the model sees it, without padding, 0-1.
    limits: of the model package; a gate that needs one and has none is not asked.
    storing: how the pixels say that it was stored; None when the package has no probe.
    certainty: of the network, 0.5 to 1, on the picture as it should have been stored.
    """

    image: SourceImage
    subject: Subject
    content: NDArray[np.float32]
    limits: Mapping[Gate, float]
    certainty: float
    storing: Storing | None = None

    @property
    def is_misread(self) -> bool:
        """Return whether the masks mean nothing: negative, turned, or not the view that is said."""
        if self.storing is None:
            return False
        other = self.storing.frontal if self.is_lateral else self.storing.lateral
        scores = {
            Gate.POLARITY: self.storing.inverted,
            Gate.TURNED: self.storing.turned,
            Gate.VIEW: other,
        }
        return any(
            gate in self.limits and score >= self.limits[gate] for gate, score in scores.items()
        )

    @property
    def is_lateral(self) -> bool:
        """Return whether the header says that it is a lateral view."""
        return self.image.view is ViewPosition.LATERAL


def gather(
    image: SourceImage,
    subject: Subject,
    given: ModelInput,
    probabilities: NDArray[np.float32],
    segmenter: Segmenter,
) -> Evidence:
    """Return the evidence; a picture that was stored otherwise is shown to the model once more.

    given: what the model was given; probabilities: float32 (channels, size, size), what it said.
    """
    shares = segmenter.storing(given.tensor)
    storing = None if shares is None else Storing(shares[0])
    if storing is not None and storing.way != AS_HUNG:
        tensor = as_hung(given.tensor, given.resampling, storing.way)
        probabilities = segmenter.probabilities(tensor)[0]
    package = segmenter.package
    return Evidence(
        image,
        subject,
        given.tensor[0, 0][content_of(given.resampling)],
        package.manifest.gates.limits,
        certainty(probabilities, package.labels, package.manifest.gates.chest_structures),
        storing,
    )
