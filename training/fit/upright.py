"""What the film of a standing person shows and the CT of a lying one does not.

Gas rises to the stomach's top below the left dome, where it looks like lung; with the arms down
the clavicles cross the apices of the lungs. Both are drawn into a projection's line integrals.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from training.channels import TRAINED, trained_index
from training.fit.dataset import Sample
from training.project.masks import FIELDS, unpack_one

Picture = npt.NDArray[np.float32]

GAS, CLAVICLES = 0.5, 0.4
"""How often each of them is seen."""
STOMACH = "left_hemidiaphragm"
DRAWN_BONES = tuple(channel.key for channel in TRAINED if channel.key.startswith("clavicle"))
FEWEST_PIXELS = 50
MOST_GAS = 0.6  # of what the body absorbs there


def stand_up(sample: Sample, random: np.random.Generator) -> Sample:
    """A projection with, at times, gas in the stomach or clavicles across the apices.

    Where clavicles were drawn, nothing is known of those that the CT has.
    """
    if random.random() < GAS:
        sample = with_gas(sample, random)
    if random.random() < CLAVICLES:
        sample = with_clavicles(sample, random)
    return sample


def with_gas(sample: Sample, random: np.random.Generator) -> Sample:
    """A bubble, flat below where it lies on fluid, close under the left dome."""
    below = _mask(sample, STOMACH)
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


def with_clavicles(sample: Sample, random: np.random.Generator) -> Sample:
    """A bowed bar of bone from beside the spine to above the shoulder, on both sides."""
    right, left = (_mask(sample, key) for key in FIELDS)
    if min(right.sum(), left.sum()) < FEWEST_PIXELS:
        return sample
    known = sample.known.copy()
    known[[trained_index(key) for key in DRAWN_BONES]] = False
    bone = sample.bone.copy()
    low, slope = random.uniform(0.1, 0.28), random.normal(0.12, 0.15)
    strength = np.float32(random.uniform(0.05, 0.2) * np.percentile(sample.water, 90))
    for field, outwards in ((right, -1), (left, 1)):
        bone += strength * _bar(field, outwards, low + random.normal(0, 0.02), slope, random)
    return replace(sample, bone=bone, known=known)


def _bar(
    field: npt.NDArray[np.bool_],
    outwards: int,
    low: float,
    slope: float,
    random: np.random.Generator,
) -> Picture:
    """How thick a clavicle beside a field is, 0..1 (rows, columns)."""
    rows, columns = (np.flatnonzero(field.any(axis)) for axis in (1, 0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    inner = columns[-1] if outwards < 0 else columns[0]
    down, across = np.ogrid[: field.shape[0], : field.shape[1]]
    along = (across - inner) * outwards / width  # 0 at the inner edge of the field, 1 at its outer
    bow = 0.04 * np.sin(np.pi * along * random.uniform(0.8, 1.4))
    middle = rows[0] + height * (low + bow) - width * slope * along
    thick = width * random.uniform(0.06, 0.12) * (1 + 0.4 * (1 - along).clip(0, 1))
    profile = 1 - ((down - middle) / (thick / 2)) ** 2
    shown = (along > random.uniform(-0.15, 0.05)) & (along < random.uniform(0.9, 1.5))
    return np.asarray(np.sqrt(profile.clip(0)) * shown, np.float32)


def _mask(sample: Sample, key: str) -> npt.NDArray[np.bool_]:
    """The mask (rows, columns) of one channel, empty where the subject does not know it."""
    place = trained_index(key)
    return np.asarray(unpack_one(sample.packed, place) & sample.known[place])
