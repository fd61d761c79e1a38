"""`mixed`: masks that people drew and masks that a classifier's saliency gave (CheXseg).

Gadgil et al., MIDL 2021 (arXiv 2102.10484): each picture comes from the drawn ones with a sampling
probability, else from the pseudo-masked ones; the probability is no weight of the loss.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import Field

from training.fit.batches import Where, by_share
from training.fit.mode import MODES, Mode
from training.fit.modes.supervised import Settings as Teaching
from training.fit.modes.supervised import Supervised


class Settings(Teaching):
    """`probability` of a picture with exact masks; films that no mask is for may be mixed in."""

    probability: float = Field(default=0.9, ge=0, le=1)


class Mixed(Supervised):
    """`supervised` that draws in another way."""

    needs = ("pseudo",)

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._probability = settings.probability

    def pick(self, shares: Mapping[str, float], where: Where, random: np.random.Generator) -> str:
        """`pseudo`, or one of the other sources by their shares."""
        del where
        exact = {name: share for name, share in shares.items() if name != "pseudo"}
        if not exact or random.random() >= self._probability:
            return "pseudo"
        return by_share(exact, random)


@MODES.register("mixed")
def build(settings: Mapping[str, Any]) -> Mode:
    """Return the mode."""
    return Mixed(Settings.of(settings))
