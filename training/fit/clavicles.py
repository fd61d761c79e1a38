"""Clavicles as a standing person's film shows them, with their masks.

CTs are made with raised arms: their clavicles rise steeply beside the neck, or are cut off. They
are taken out of a projection and others drawn: bowed bars with a bright edge that begin beside the
spine with a thick end, cross the apex of the lung and end above the shoulder.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from training.channels import trained_index
from training.fit.dataset import Sample
from training.project.masks import FIELDS, SIDES, with_one

Picture = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

FEWEST_PIXELS = 50
SURROUNDINGS = 5.0  # pixels: what fills the place of a bone that is taken out
THINNEST = 0.1
"""Of its thickest place: what is thinner than this at its rim is not in the mask."""


@dataclass(frozen=True, slots=True)
class Posture:
    """What both clavicles of a person share, as shares of a lung field's height or width.

    `low` is how far below the top of the field the inner end is, `slope` how much the outer end
    rises on one field's width, `bow` how far its middle lies above a straight line (its outer half
    is level, its inner half is not), `shell` the part of the bone that is hollow.
    """

    low: float
    slope: float
    bow: float
    wave: float
    thickness: float
    shell: float

    @classmethod
    def random(cls, random: np.random.Generator) -> "Posture":
        """One of many: upright or lying, shrugging or not."""
        return cls(
            low=random.uniform(0.06, 0.28),
            slope=random.normal(0.2, 0.12),
            bow=random.normal(0.06, 0.03),
            wave=random.normal(0, 0.015),
            thickness=random.uniform(0.09, 0.15),
            shell=random.uniform(0.3, 0.95),
        )


def with_clavicles(sample: Sample, random: np.random.Generator) -> Sample:
    """The sample with drawn clavicles instead of its own; as it is where a field is not known."""
    fields = [sample.mask(key) for key in FIELDS]
    if min(field.sum() for field in fields) < FEWEST_PIXELS:
        return sample
    posture, bone = Posture.random(random), _without_own(sample)
    strength = np.float32(random.uniform(0.08, 0.3) * np.percentile(sample.water, 90))
    packed, known = sample.packed, sample.known.copy()
    right, left = (np.flatnonzero(field.any(0)) for field in fields)
    gap = (left[0] - right[-1]) / 2  # from the inner edge of either field to the midline
    for side, field, outwards in zip(SIDES, fields, (-1, 1), strict=True):
        drawn, mask = _clavicle(field, outwards, gap, posture, random)
        bone = bone + strength * drawn
        place = trained_index(f"clavicle_{side}")
        packed, known[place] = with_one(packed, place, mask), True
    return replace(sample, bone=bone, packed=packed, known=known)


def _without_own(sample: Sample) -> Picture:
    """Bone, where the CT's clavicles are known to be filled in from around them."""
    own = [sample.mask(f"clavicle_{side}") for side in SIDES]
    gone = ndimage.binary_dilation(own[0] | own[1], iterations=2)
    if not gone.any():
        return sample.bone
    kept = (~gone).astype(np.float32)
    around = ndimage.gaussian_filter(sample.bone * kept, SURROUNDINGS)
    share = ndimage.gaussian_filter(kept, SURROUNDINGS)
    filled = around / np.maximum(share, np.float32(1e-3))
    return np.where(gone, np.minimum(sample.bone, filled), sample.bone)


def _clavicle(
    field: Mask, outwards: int, gap: float, posture: Posture, random: np.random.Generator
) -> tuple[Picture, Mask]:
    """How thick a clavicle beside a field is, 0..1 (rows, columns), and where it is."""
    rows, columns = (np.flatnonzero(field.any(axis)) for axis in (1, 0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    inner = columns[-1] if outwards < 0 else columns[0]
    nearest = -gap / width + random.uniform(0.08, 0.25)
    begins, ends = max(nearest, random.uniform(-0.15, 0.12)), random.uniform(1.2, 1.75)
    down, across = np.ogrid[: field.shape[0], : field.shape[1]]
    along = ((across - inner) * outwards / width - begins) / (ends - begins)  # 0 to 1 on the bone
    course = along.clip(-0.1, 1.1)
    low = posture.low + random.normal(0, 0.015)
    slope = posture.slope + random.normal(0, 0.04)
    rise = slope * (ends - begins) * course + posture.bow * np.sin(np.pi * course)
    middle = rows[0] + height * low - width * (rise + posture.wave * np.sin(2 * np.pi * course))
    half = width * posture.thickness / 2 * _swelling(course)
    # Rounded ends: the thickness goes to zero there within about its own width.
    cap = 1 - (np.minimum(along, 1 - along) * (ends - begins) / posture.thickness * 2).clip(0, 1)
    half = half * np.sqrt(1 - cap**2)
    distance = ((down - middle) / np.maximum(half, 1e-3)) ** 2
    outer, hollow = np.sqrt((1 - distance).clip(0)), np.sqrt((0.64 - distance).clip(0))
    inside = (half > 0) & (distance < 1)
    thick = np.where(inside, outer - posture.shell * hollow, 0)
    return np.asarray(thick, np.float32), np.asarray(inside & (outer > THINNEST), bool)


def _swelling(course: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Its inner end is the thickest, its outer end flat and broad, its shaft thin."""
    inner = 0.75 * np.exp(-((course / 0.16) ** 2))
    outer = 0.25 * np.exp(-(((course - 1) / 0.25) ** 2))
    return np.asarray(0.85 + inner + outer)
