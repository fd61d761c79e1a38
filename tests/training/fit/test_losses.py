import torch

from training.fit.losses import masked_loss


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
