"""What holds of the network before any training."""

from itertools import product

import pytest
import torch

from training.gates.network import SHAPE, SIDE, Probabilities, Stored, restored, stored_as

WAYS = list(product(range(2), range(2), range(4)))


def picture(size: int = SIDE) -> torch.Tensor:
    return torch.rand(1, 1, size, size, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def network() -> Stored:
    torch.manual_seed(0)
    return Stored().eval()


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_variant_that_undoes_a_way_stands_at_its_place(way: tuple[int, int, int]) -> None:
    inverted, mirrored, turned = way
    upright = picture()
    stored = stored_as(1 - upright if inverted else upright, mirrored, turned)

    variants = list(restored(stored))

    assert torch.allclose(variants[WAYS.index(way)], upright, atol=1e-6)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_the_answer_turns_with_the_picture(network: Stored, way: tuple[int, int, int]) -> None:
    """Whatever an upright picture scores, the same picture stored otherwise scores in its place."""
    inverted, mirrored, turned = way
    upright = picture()
    stored = stored_as(1 - upright if inverted else upright, mirrored, turned)

    with torch.no_grad():
        scores, moved = network(upright)[0], network(stored)[0]

    assert torch.allclose(moved[:, inverted, mirrored, turned], scores[:, 0, 0, 0], atol=1e-5)


def test_probabilities_sum_to_one_for_any_size(network: Stored) -> None:
    with torch.no_grad():
        found = Probabilities(network)(picture(2 * SIDE))

    assert found.shape == (1, *SHAPE)
    assert float(found.sum()) == pytest.approx(1.0, abs=1e-5)
