"""What is on a film: a linear answer on averaged EfficientNet-Lite0 features at a sixteenth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional
from tqdm import tqdm

from training.fit.augment import augment
from training.fit.dataset import Films
from training.fit.networks.efficientnet_lite0 import (
    DEVIATION,
    KEPT,
    MEAN,
    Encoder,
    load_imagenet,
)

LEVEL = 3
"""Which of the encoder's pictures: stride 16, fine enough to draw with."""
LOOKED_AT = f"encoder.blocks.{list(KEPT)[LEVEL] - 1}"
"""The layer whose activations Grad-CAM weighs."""
NO_CHANNELS = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class ClassifierSettings:
    """How the classifier is trained."""

    steps: int
    batch: int
    size: int
    learning_rate: float
    seed: int
    pretrained: bool = True


class Classifier(nn.Module):
    """(batch, 1, size, size) grey values 0..1 to one logit for each task."""

    def __init__(self, tasks: int, *, pretrained: bool) -> None:
        super().__init__()
        self.encoder = Encoder(frozen=False)
        if pretrained:
            load_imagenet(self.encoder)
        self.answer = nn.Linear(list(KEPT.values())[LEVEL], tasks)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """Logits (batch, tasks)."""
        mean = image.new_tensor(MEAN).reshape(1, 3, 1, 1)
        deviation = image.new_tensor(DEVIATION).reshape(1, 3, 1, 1)
        features = self.encoder((image - mean) / deviation)[LEVEL]
        logits: torch.Tensor = self.answer(features.mean((2, 3)))
        return logits


def train_classifier(
    films: Films, answers: npt.NDArray[np.float32], settings: ClassifierSettings
) -> Classifier:
    """Train on every film; an answer that is NaN gives no gradient. Returns it in evaluation."""
    torch.manual_seed(settings.seed)
    network = Classifier(answers.shape[1], pretrained=settings.pretrained).train()
    optimiser = torch.optim.AdamW(network.parameters(), settings.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.learning_rate, total_steps=settings.steps
    )
    for step in tqdm(range(settings.steps), desc="saliency", unit="step"):
        random = np.random.default_rng([settings.seed, step])
        chosen = random.integers(len(films), size=settings.batch)
        images = [
            augment(films[int(index)], settings.size, random, NO_CHANNELS).strong
            for index in chosen
        ]
        loss = entropy(network(torch.stack(images)), torch.from_numpy(answers[chosen]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def entropy(logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
    """Mean binary cross-entropy of what is known."""
    known = ~answers.isnan()
    each = functional.binary_cross_entropy_with_logits(
        logits, answers.nan_to_num(), reduction="none"
    )
    return (each * known).sum() / known.sum().clamp(min=1)


def saliency_maps(
    network: Classifier, image: torch.Tensor, tasks: Sequence[int]
) -> npt.NDArray[np.float32]:
    """Grad-CAM (tasks, size / 16, size / 16), zero or more, of one picture (1, size, size)."""
    from monai.visualize.class_activation_maps import GradCAM

    look = GradCAM(network, LOOKED_AT)
    maps = [look.compute_map(image[None].contiguous(), class_idx=task)[0, 0] for task in tasks]
    return np.stack([found.detach().numpy() for found in maps]).astype(np.float32)
