"""Unions are the largest of their parts, in the graph."""

import torch

from training.channels import TRAINED_KEYS, UNIONS
from training.export.graph import Probabilities


class Given(torch.nn.Module):
    """A network whose logits are given."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def coarse(self, image: torch.Tensor) -> torch.Tensor:
        assert image.ndim == 4
        return self.logits


def test_a_union_is_the_largest_of_its_parts() -> None:
    logits = torch.randn(2, len(TRAINED_KEYS), 4, 6, generator=torch.Generator().manual_seed(1))

    graph = Probabilities(Given(logits), TRAINED_KEYS)
    found = dict(zip(graph.keys, graph(torch.zeros(2, 1, 8, 12)).unbind(1), strict=True))

    assert set(found) == {*TRAINED_KEYS, *(union.key for union in UNIONS)}
    for union in UNIONS:
        parts = torch.stack([found[part] for part in union.parts])
        assert torch.equal(found[union.key], parts.amax(0))


def test_a_network_that_lacks_a_part_has_no_union_of_it() -> None:
    keys = ("clavicle_left", "right_lung", "left_lung")

    graph = Probabilities(Given(torch.zeros(1, 3, 2, 2)), keys)

    assert graph.keys == (*keys, "lung")
    assert graph(torch.zeros(1, 1, 4, 4)).shape == (1, 4, 2, 2)


def test_without_any_union_the_channels_are_the_networks_own() -> None:
    graph = Probabilities(Given(torch.zeros(1, 1, 2, 2)), ("heart",))

    assert torch.equal(graph(torch.zeros(1, 1, 4, 4)), torch.full((1, 1, 2, 2), 0.5))
