"""What was made of an analysis last: several objects of one analysis show the same film."""

from collections.abc import Callable
from weakref import ReferenceType, ref

import numpy as np
from numpy.typing import NDArray

from service.domain.analysis import Analysis

Picture = NDArray[np.uint8]


class Remembered:
    """Makes a picture of an analysis, and again only for another one.

    It holds the picture, never the analysis with its masks, and drops it when the analysis goes.
    """

    def __init__(self, make: Callable[[Analysis], Picture]) -> None:
        self._make = make
        self._last: tuple[ReferenceType[Analysis], Picture] | None = None

    def __call__(self, analysis: Analysis) -> Picture:
        """Return the picture; it is not to be written on."""
        last = self._last
        if last is not None and last[0]() is analysis:
            return last[1]
        picture = self._make(analysis)
        picture.setflags(write=False)
        self._last = ref(analysis, self._forget), picture
        return picture

    def _forget(self, gone: ReferenceType[Analysis]) -> None:
        if self._last is not None and self._last[0] is gone:
            self._last = None
