"""What the film of a standing person shows and the CT of a lying one does not.

Gas rises to the stomach's top below the left dome, where it looks like lung; with the arms down
the clavicles cross the apices of the lungs. Both are drawn into a projection's line integrals.
"""

from dataclasses import replace

import numpy as np

from training.fit.clavicles import FEWEST_PIXELS, with_clavicles
from training.fit.dataset import Sample

GAS, CLAVICLES = 0.5, 0.9
"""How often each of them is seen."""
STOMACH = "left_hemidiaphragm"
MOST_GAS = 0.6  # of what the body absorbs there


def stand_up(sample: Sample, random: np.random.Generator) -> Sample:
    """A projection with, at times, gas in the stomach or clavicles across the apices."""
    if random.random() < GAS:
        sample = with_gas(sample, random)
    if random.random() < CLAVICLES:
        sample = with_clavicles(sample, random)
    return sample


def with_gas(sample: Sample, random: np.random.Generator) -> Sample:
    """A bubble, flat below where it lies on fluid, close under the left dome."""
    below = sample.mask(STOMACH)
    if below.sum() < FEWEST_PIXELS:
        return sample
    columns = np.flatnonzero(below.any(0))
    width = columns[-1] - columns[0] + 1
    middle = columns[0] + width * random.uniform(0.25, 0.8)
    across, down = width * random.uniform(0.1, 0.33), width * random.uniform(0.06, 0.25)
    dome = int(np.argmax(below[:, int(middle)]))
    centre = dome + down + width * random.uniform(0.01, 0.06)
    rows, places = np.ogrid[: below.shape[0], : below.shape[1]]
    squared = 1 - ((places - middle) / across) ** 2 - ((rows - centre) / down) ** 2
    depth = np.sqrt(squared.clip(0)) * (rows < centre + down * random.uniform(0.1, 1))
    lost = np.float32(random.uniform(0.1, MOST_GAS)) * depth.astype(np.float32) * below
    return replace(sample, water=sample.water * (1 - lost))
