"""Binary cross-entropy plus Dice per channel, under the availability mask, in few passes.

With 160 channels the loss would cost more than the network if autograd kept every step of it, so
its gradient is written out. In a distributed run the sums are those of all processes, so that
several small batches are taught like the one large batch that they are.
"""

from typing import Any

import torch
from torch import distributed
from torch.nn import functional

ENTROPY_WEIGHT = 2.0
SMOOTH = 50.0
"""Pixels added above and below the Dice fraction: an empty mask is no division by zero."""


def masked_loss(
    logits: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor,
    importance: torch.Tensor | None = None,
) -> torch.Tensor:
    """Mean over what is known; a channel of weight zero gives no gradient at all.

    logits, target 0..1: (batch, channels, rows, columns); weight: the same, or (batch, channels,
    1, 1). Cross-entropy is averaged over known pixels; Dice is taken per channel over the batch
    and averaged over channels that are known. `importance` (channels,) says how much a channel
    counts in both averages; one each where it is None. Without it a hundred thin bones outvote
    the lungs.
    """
    if importance is None:
        importance = torch.ones(logits.shape[1], device=logits.device)
    loss: torch.Tensor = _MaskedLoss.apply(logits, target, weight, importance)
    return loss


class _MaskedLoss(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch's own
        logits: torch.Tensor,
        target: torch.Tensor,
        weight: torch.Tensor,
        importance: torch.Tensor,
    ) -> torch.Tensor:
        scores, target = logits.float(), target.float()
        probability = scores.sigmoid()
        sums = _all_processes(_sums(scores, probability, target, weight))
        entropy, known, overlap, predicted, present, counts = sums
        total = (known * importance).sum().clamp(min=1)
        fraction = (2 * overlap + SMOOTH) / (predicted + present + SMOOTH)
        taught = (counts > 0).float() * importance
        channels = taught.sum().clamp(min=1)
        if ctx.needs_input_grad[0]:
            slope = taught / channels / (predicted + present + SMOOTH)
            ctx.gradient = _gradient(
                probability,
                target,
                weight,
                ENTROPY_WEIGHT * importance / total,
                (slope, fraction),
            ).to(logits.dtype)
        dice = ((1 - fraction) * taught).sum() / channels
        loss: torch.Tensor = dice + (entropy * importance).sum() / total * ENTROPY_WEIGHT
        return loss

    @staticmethod
    def backward(ctx: Any, upstream: torch.Tensor) -> tuple[torch.Tensor, None, None, None]:  # noqa: ANN401
        gradient: torch.Tensor = ctx.gradient
        return gradient * (upstream * _processes()), None, None, None


def _sums(
    scores: torch.Tensor, probability: torch.Tensor, target: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """(6, channels): entropy, weights, overlap, predicted, present, largest weight."""
    entropy = functional.softplus(scores).sub_(scores * target)
    pixels = target.shape[2] * target.shape[3] // (weight.shape[2] * weight.shape[3])
    return torch.stack(
        [
            _weighted(entropy, weight),
            weight.sum((0, 2, 3)) * pixels,
            _weighted(probability * target, weight.square()),
            _weighted(probability, weight),
            _weighted(target, weight),
            weight.amax((0, 2, 3)),
        ]
    )


def _weighted(values: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Weighted sums (channels,); a weight for a whole picture is applied after its sum."""
    if weight.shape[2:] == values.shape[2:]:
        return (values * weight).sum((0, 2, 3))
    return (values.sum((2, 3)) * weight[:, :, 0, 0]).sum(0)


def _gradient(
    probability: torch.Tensor,
    target: torch.Tensor,
    weight: torch.Tensor,
    entropy: torch.Tensor,
    dice: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """Derivative by the logits; `dice` is (taught / channels / denominator, fraction), (c,) each.

    `entropy` (c,) is the factor of a channel's cross-entropy.

    With D = (2 I + s) / N the derivative of -D by a probability p is -(2 w^2 t - w D) / N.
    """
    slope, fraction, entropy = (value[None, :, None, None] for value in (*dice, entropy))
    bent = probability * (1 - probability)
    toward = (fraction * weight * slope).expand_as(weight) - target * (2 * weight.square() * slope)
    return bent.mul_(toward).add_((probability - target).mul_(weight * entropy))


def _processes() -> int:
    return distributed.get_world_size() if distributed.is_initialized() else 1


def _all_processes(sums: torch.Tensor) -> torch.Tensor:
    if _processes() > 1:
        distributed.all_reduce(sums)
    return sums
