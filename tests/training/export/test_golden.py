"""What differs from torch does not go out."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.export.conftest import SIZE, Made
from training.channels import TRAINED_KEYS
from training.export.golden import PARITY, Golden, check_parity, golden_of, synthetic_chest
from training.export.graph import Probabilities
from training.fit.checkpoint import load_teacher


@pytest.fixture(scope="module")
def golden(made: Made) -> Golden:
    return golden_of(Probabilities(load_teacher(made.checkpoint), TRAINED_KEYS), SIZE)


def test_a_file_that_disagrees_with_torch_is_refused(made: Made, golden: Golden) -> None:
    wrong = replace(golden, expected=tuple(each + 2 * PARITY for each in golden.expected))

    with pytest.raises(ValueError, match="differs from torch"):
        check_parity(made.package / "weights.onnx", wrong)


def test_parity_is_asked_of_a_batch_and_of_a_second_size(golden: Golden) -> None:
    shapes = [each.shape for each in golden.given]

    assert shapes[0] == (1, 1, SIZE, SIZE)
    batch, _, rows, columns = shapes[1]
    assert batch > 1
    assert len({SIZE, rows, columns}) == 3


def test_the_chest_is_drawn_bright_where_it_is_dense() -> None:
    chest = synthetic_chest(128)

    lung, spine = chest[58, 38], chest[10, 64]
    assert lung < chest[10, 10] < spine
    assert chest.dtype == np.uint8
