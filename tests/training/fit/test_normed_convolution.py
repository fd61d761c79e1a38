import pytest
import torch

from training.fit.normed_convolution import NormedConvolution


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (5, 1), (3, 2), (5, 2)])
def test_folding_the_statistics_changes_nothing_in_evaluation(kernel: int, stride: int) -> None:
    torch.manual_seed(0)
    layer = NormedConvolution(4, 6, kernel, stride)
    for _ in range(3):
        layer(torch.randn(2, 4, 8, 8) * 3 + 1)
    layer.eval()
    image = torch.randn(2, 4, 8, 8)
    expected = layer(image)
    layer.frozen = True
    assert expected.shape == (2, 6, 8 // stride, 8 // stride)
    assert torch.allclose(layer(image), expected, atol=1e-5)


def test_scale_and_shift_of_folded_statistics_are_learnt() -> None:
    layer = NormedConvolution(2, 3, 3, frozen=True)
    layer(torch.rand(1, 2, 6, 6)).sum().backward()
    assert layer.norm.weight.grad is not None
    assert layer.norm.bias.grad is not None
