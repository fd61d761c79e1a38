"""The evidence is gathered once; a picture stored otherwise is shown to the model as hung."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import TypeAdapter

from service.domain.gate import Gate
from service.gates.evidence import gather
from service.gates.storing import Storing
from service.inference.manifest import Intensity, LabelEntry
from service.inference.preprocess import to_model_input
from service.inference.session import Segmenter
from service.measurements.registry import Subject
from tests.phantoms import phantom_analysis, phantom_segmentation
from tests.unit.gates.conftest import LIMITS, Told, storing
from tests.unit.inference.conftest import label

Array = NDArray[np.float32]
IMAGE = phantom_analysis().image
GIVEN = to_model_input(IMAGE.pixels, 64, Intensity(method="percentile", low=0, high=100))
LABELS = TypeAdapter(tuple[LabelEntry, ...]).validate_python([label(1, "heart")])


@dataclass
class Told32:
    """A segmenter that says how a picture was stored, and is sure of it afterwards."""

    answer: Storing | None
    asked: list[Array] = field(default_factory=list)
    package: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(
            labels=LABELS,
            manifest=SimpleNamespace(gates=SimpleNamespace(limits=LIMITS, chest_structures=())),
        )
    )

    def storing(self, _tensor: Array) -> Array | None:
        return None if self.answer is None else self.answer.shares[None]

    def probabilities(self, tensor: Array) -> Array:
        self.asked.append(tensor)
        return np.full((1, 1, 64, 64), 0.9, np.float32)


def gathered(segmenter: Told32) -> float:
    subject = Subject(phantom_segmentation(), IMAGE.spacing, IMAGE.view)
    unsure = np.full((1, 64, 64), 0.6, np.float32)
    evidence = gather(IMAGE, subject, GIVEN, unsure, cast("Segmenter", segmenter))
    assert evidence.limits == LIMITS
    assert evidence.content.shape == (GIVEN.resampling.height, GIVEN.resampling.width)
    return evidence.certainty


@pytest.mark.parametrize("answer", [None, storing(), storing(view=1)])
def test_a_picture_as_hung_is_not_shown_again(answer: Storing | None) -> None:
    segmenter = Told32(answer)

    assert gathered(segmenter) == pytest.approx(0.6)
    assert segmenter.asked == []


def test_a_turned_picture_is_shown_as_it_should_have_been_stored() -> None:
    segmenter = Told32(storing(turned=1))

    assert gathered(segmenter) == pytest.approx(0.9)
    (shown,) = segmenter.asked
    assert np.array_equal(shown[0, 0], np.rot90(GIVEN.tensor[0, 0], -1))


@pytest.mark.parametrize(
    ("wrong", "gate"),
    [
        (storing(inverted=1), Gate.POLARITY),
        (storing(turned=1), Gate.TURNED),
        (storing(view=1), Gate.VIEW),
    ],
)
def test_masks_mean_nothing_when_one_of_these_gates_fails(
    told: Told, wrong: Storing, gate: Gate
) -> None:
    assert told(storing=wrong).is_misread
    assert not told(storing=wrong, limits={k: v for k, v in LIMITS.items() if k != gate}).is_misread
    assert not told(storing=storing(mirrored=1)).is_misread
