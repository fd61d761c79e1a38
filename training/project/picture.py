"""What an appearance is given and gives back, and the registry of them.

Line integrals are stored once; a picture is made of them anew each time that one is needed, so
tube voltage, scatter and noise can vary while a network is trained.
"""

from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from service.plugins import Registry, load

Picture = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Integrals:
    """Water-like and bone-like line integrals of one view, float32 (rows, columns), at 69 keV."""

    water: Picture
    bone: Picture


class Appearance(Protocol):
    """Return a picture (rows, columns), bright where it is dense, of any range."""

    def __call__(self, integrals: Integrals, random: np.random.Generator) -> Picture:
        """Make one picture; what may vary is drawn from `random`."""
        ...


APPEARANCES: Registry[Appearance] = Registry("appearance")


@cache
def _load() -> None:
    from training.project import appearance

    load(appearance)


def render(name: str, integrals: Integrals, random: np.random.Generator) -> Picture:
    """The picture that the appearance of this name makes; raises UnknownPlugin."""
    _load()
    return APPEARANCES.get(name)(integrals, random)


def names() -> tuple[str, ...]:
    """All appearances."""
    _load()
    return APPEARANCES.names()
