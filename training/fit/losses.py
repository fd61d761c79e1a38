"""Binary cross-entropy plus Dice per channel, under the availability mask."""

import torch
from torch.nn import functional


def masked_loss(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Mean over what is known; a channel of weight zero gives no gradient at all.

    logits, target: (batch, channels, rows, columns); weight: the same or broadcast to it.
    """
    weight = weight.expand_as(logits)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    known = weight.sum().clamp(min=1)
    return (entropy * weight).sum() / known * 2 + _dice_loss(logits, target, weight)


def _dice_loss(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """One minus soft Dice per channel over the batch, averaged over channels that are known."""
    probability, axes = logits.sigmoid() * weight, (0, 2, 3)
    target = target * weight
    overlap = (probability * target).sum(axes)
    dice = (2 * overlap + 50) / (probability.sum(axes) + target.sum(axes) + 50)
    known = (weight.amax(axes) > 0).float()
    return ((1 - dice) * known).sum() / known.sum().clamp(min=1)
