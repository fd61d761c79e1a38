"""The loss, and that a few steps lower it."""

import math

import numpy as np
import pytest
import torch

from training.gates.fit import Sources, fit, loss
from training.gates.network import Stored
from training.gates.pictures import Example, random_example


def film(seed: int = 0) -> np.ndarray:
    """A picture without symmetry: bright below, a bright block at one side."""
    rows, _ = np.mgrid[0:64, 0:64] / 64
    image = rows + 0.05 * np.random.default_rng(seed).random((64, 64))
    image[20:30, 40:60] += 1.0
    return image.astype(np.float32)


class Fixed(torch.nn.Module):
    """Scores that are given."""

    def __init__(self, scores: torch.Tensor) -> None:
        super().__init__()
        self.scores = scores

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.scores.expand(len(image), *self.scores.shape)


@pytest.mark.parametrize(("lateral", "ways"), [(False, 1), (True, 2)])
def test_of_equal_scores_a_lateral_has_two_right_ones(lateral: bool, ways: int) -> None:  # noqa: FBT001
    example = Example(torch.zeros(1, 8, 8), 1, 0, 3, lateral)

    found = loss(Fixed(torch.zeros(2, 2, 2, 4)), [example])

    assert float(found) == pytest.approx(-math.log(ways / 32), abs=1e-5)


def test_a_sure_and_right_answer_costs_nothing() -> None:
    scores = torch.full((2, 2, 2, 4), -50.0)
    scores[0, 1, 0, 3] = 50.0

    found = loss(Fixed(scores), [Example(torch.zeros(1, 8, 8), 1, 0, 3, is_lateral=False)])

    assert float(found) == pytest.approx(0.0, abs=1e-5)


def test_a_few_steps_learn_something() -> None:
    films = [film(seed) for seed in range(4)]
    lateral = [film(9)[:, ::-1].T.copy()]
    examples = [
        random_example(films[0], np.random.default_rng(i), is_lateral=False) for i in range(8)
    ]
    torch.manual_seed(0)
    before = loss(Stored().eval(), examples).item()

    fitted = fit(Sources(films, films, lateral), steps=15, seed=0)

    assert isinstance(fitted, Stored)
    assert loss(fitted, examples).item() < before
