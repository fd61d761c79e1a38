"""`confusion`: films stored in every way, and how often the gates are right about it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from service.domain.gate import Gate
from service.domain.identifiers import (
    InstanceReference,
    SeriesInstanceUID,
    SOPClassUID,
    SOPInstanceUID,
    StudyInstanceUID,
)
from service.domain.image import NO_SPACING, SourceImage, ViewPosition
from service.domain.measurement import CheckStatus
from service.gates.storing import Way
from service.inference.manifest import read_package
from service.inference.session import Segmenter
from service.pipeline import examine
from training.evaluate.gates import picture
from training.gates.projections import project_volume
from training.gates.stage import KEPT_VOLUMES

STORED = (Gate.CHEST, Gate.VIEW, Gate.POLARITY, Gate.TURNED, Gate.MIRRORED)
WAYS = tuple(Way(*each) for each in product(range(2), range(2), range(4)))
SEED = 1
Pixels = npt.NDArray[np.float32]


@dataclass(slots=True)
class Tally:
    """Of pictures that are as they should be, how many fail; of wrong ones, how many pass."""

    right: int = 0
    false_alarms: int = 0
    wrong: int = 0
    missed: int = 0

    def add(self, *, is_wrong: bool, fails: bool) -> None:
        """Count one picture."""
        if is_wrong:
            self.wrong += 1
            self.missed += not fails
        else:
            self.right += 1
            self.false_alarms += fails


Tallies = dict[Gate, Tally]


def of_films(package: Path, films: Path, ids: Iterable[int]) -> Tallies:
    """Store each film `NNN.png` in all sixteen ways; none of them is no chest or a lateral."""
    segmenter = Segmenter(read_package(package), ["CPUExecutionProvider"])
    tallies = {gate: Tally() for gate in STORED}
    for number in tqdm(list(ids), unit="film"):
        image = picture(films / f"{number:03d}.png")
        for way in WAYS:
            fails = _failed(replace(image, pixels=stored(image.pixels, way)), segmenter)
            wrong = {
                Gate.POLARITY: way.inverted,
                Gate.TURNED: way.turned,
                Gate.MIRRORED: way.mirrored,
            }
            for gate, tally in tallies.items():
                tally.add(is_wrong=bool(wrong.get(gate)), fails=gate in fails)
    return tallies


def of_volumes(package: Path, volumes: Path, views: int) -> Tally:
    """Frontal and lateral projections of volumes that the probe was not trained on, as frontals."""
    segmenter = Segmenter(read_package(package), ["CPUExecutionProvider"])
    tally = Tally()
    for name in tqdm(KEPT_VOLUMES, unit="volume"):
        for each in project_volume(volumes / name / "ct.nii.gz", views, SEED):
            fails = _failed(_frontal(each.pixels), segmenter)
            tally.add(is_wrong=each.is_lateral, fails=Gate.VIEW in fails)
    return tally


def stored(pixels: Pixels, way: Way) -> Pixels:
    """The picture stored so: a negative keeps its range of values."""
    changed = pixels.max() + pixels.min() - pixels if way.inverted else pixels
    changed = changed[:, ::-1] if way.mirrored else changed
    return np.ascontiguousarray(np.rot90(changed, way.turned))


def as_lines(tallies: Tallies) -> Iterator[str]:
    """One line a gate."""
    for gate, tally in tallies.items():
        yield (
            f"{gate.value:<9} false alarms {tally.false_alarms} of {tally.right}, "
            f"missed {tally.missed} of {tally.wrong}"
        )


def _failed(image: SourceImage, segmenter: Segmenter) -> set[Gate]:
    checks = examine(image, segmenter, {}).subject.checks
    return {Gate(check.check) for check in checks if check.status == CheckStatus.FAILED}


def _frontal(pixels: Pixels) -> SourceImage:
    """A projection as an image whose header says nothing of its view."""
    reference = InstanceReference(
        StudyInstanceUID("1.2.3"),
        SeriesInstanceUID("1.2.3"),
        SOPInstanceUID("1.2.3"),
        SOPClassUID(""),
    )
    return SourceImage(reference, pixels, NO_SPACING, ViewPosition.UNKNOWN, None)
