import pytest
import torch
from torch.nn import functional

from training.fit.losses import ENTROPY_WEIGHT, SMOOTH, masked_loss


def test_an_unavailable_channel_gives_no_gradient_at_all() -> None:
    logits = torch.randn(2, 3, 8, 8, requires_grad=True)
    target = torch.ones(2, 3, 8, 8)
    weight = torch.tensor([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])[:, :, None, None]
    masked_loss(logits, target, weight).backward()
    assert logits.grad is not None
    moved = logits.grad.abs().sum((2, 3)) > 0
    assert moved.tolist() == [[True, False, True], [False, False, True]]


def test_the_loss_falls_towards_the_truth() -> None:
    target = (torch.rand(1, 2, 16, 16) > 0.5).float()
    weight = torch.ones(1, 2, 1, 1)
    good, bad = (masked_loss((2 * target - 1) * sign, target, weight) for sign in (6.0, -6.0))
    assert good < 0.1
    assert bad > 2


def _written_plainly(
    logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor, importance: torch.Tensor
) -> torch.Tensor:
    """The same loss in torch's own words; autograd finds its gradient."""
    weight, axes = weight.expand_as(logits), (0, 2, 3)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    counted = weight * importance[:, None, None]
    first = (entropy * counted).sum() / counted.sum() * ENTROPY_WEIGHT
    probability, target = logits.sigmoid() * weight, target * weight
    overlap = (probability * target).sum(axes)
    dice = (2 * overlap + SMOOTH) / (probability.sum(axes) + target.sum(axes) + SMOOTH)
    known = (weight.amax(axes) > 0).double() * importance
    return first + ((1 - dice) * known).sum() / known.sum()


@pytest.mark.parametrize("per_pixel", [False, True])
def test_value_and_gradient_are_those_of_the_plain_formula(*, per_pixel: bool) -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 4, 6, 6, requires_grad=True)
    target = torch.randint(0, 5, (2, 4, 6, 6)) / 4
    weight = torch.rand(2, 4, *((6, 6) if per_pixel else (1, 1)))
    weight[:, 2] = 0
    importance = torch.tensor([1.0, 4.0, 2.0, 0.5])
    ours = masked_loss(logits, target, weight, importance)
    (found,) = torch.autograd.grad(ours, logits)
    plain = _written_plainly(logits, target, weight, importance)
    (expected,) = torch.autograd.grad(plain, logits)
    assert float(ours.detach()) == pytest.approx(float(plain.detach()), rel=1e-5)
    assert torch.allclose(found, expected, atol=1e-6)


def test_nothing_known_is_no_loss_and_no_gradient() -> None:
    logits = torch.randn(1, 2, 4, 4, requires_grad=True)
    loss = masked_loss(logits, torch.ones(1, 2, 4, 4), torch.zeros(1, 2, 1, 1))
    loss.backward()
    assert float(loss.detach()) == 0
    assert logits.grad is not None
    assert float(logits.grad.abs().max()) == 0
