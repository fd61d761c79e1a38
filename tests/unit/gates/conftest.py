"""Evidence about the drawn chest, of which every gate may be told something else."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from service.domain.gate import Gate
from service.domain.image import SourceImage, ViewPosition
from service.domain.measurement import QualityCheck
from service.domain.segmentation import Segment, Segmentation
from service.gates.evidence import Evidence
from service.gates.registry import check_all
from service.gates.storing import Storing
from service.inference.packages import find_packages
from service.inference.session import Segmenter
from service.measurements.registry import Subject
from tests.peers import REPOSITORY
from tests.phantoms import LUNG, phantom_analysis, phantom_segmentation

Mask = NDArray[np.bool_]
LIMITS = {
    Gate.CHEST: 0.8,
    Gate.EXPOSURE: 0.05,
    Gate.VIEW: 0.9,
    Gate.POLARITY: 0.5,
    Gate.TURNED: 0.5,
    Gate.MIRRORED: 0.9,
    Gate.FIELD_APICES: 0.01,
    Gate.FIELD_SIDES: 0.01,
    Gate.FIELD_BASES: 0.01,
    Gate.PATIENT_ROTATION: 0.4,
    Gate.INSPIRATION: 9,
}


@pytest.fixture(scope="module")
def segmenter() -> Segmenter:
    """Return the newest frontal model that is shipped."""
    packages = find_packages(REPOSITORY / "models")
    newest = [each for each in packages if each.manifest.name == "cxr-anatomy-frontal"][-1]
    return Segmenter(newest, ["CPUExecutionProvider"])


def storing(view: int = 0, inverted: int = 0, mirrored: int = 0, turned: int = 0) -> Storing:
    """Return a picture that is surely stored so."""
    shares = np.zeros((2, 2, 2, 4), np.float32)
    shares[view, inverted, mirrored, turned] = 1.0
    return Storing(shares)


def drawn(masks: Mapping[str, Mask]) -> Segmentation:
    """Return a segmentation of these masks."""
    segments = tuple(
        Segment(number, key, key, LUNG, LUNG, None, (0, 0, 0))
        for number, key in enumerate(masks, start=1)
    )
    return Segmentation(segments, np.stack(list(masks.values())), np.ones(len(masks), np.float32))


def box(rows: slice, columns: slice, shape: tuple[int, int] = (100, 100)) -> Mask:
    """Return a rectangle."""
    mask = np.zeros(shape, np.bool_)
    mask[rows, columns] = True
    return mask


Told = Callable[..., Evidence]


@pytest.fixture
def told() -> Told:
    """Return a function that makes evidence; keyword arguments replace what the phantom says."""

    def tell(
        *,
        segmentation: Segmentation | None = None,
        image: SourceImage | None = None,
        **changes: object,
    ) -> Evidence:
        analysis = phantom_analysis()
        seen = image or analysis.image
        found = segmentation or phantom_segmentation()
        shape = found.masks.shape[1:]
        if segmentation is not None:
            seen = replace(seen, pixels=np.zeros(shape, np.float32))
        subject = Subject(found, seen.spacing, seen.view)
        evidence = Evidence(seen, subject, analysis.image.pixels, LIMITS, 0.95, storing())
        return replace(evidence, **changes)  # type: ignore[arg-type]

    return tell


Seen = Callable[..., SourceImage]


@pytest.fixture
def seen() -> Seen:
    """Return a function that changes what the phantom's header says."""

    def see(view: ViewPosition = ViewPosition.POSTERO_ANTERIOR, **changes: object) -> SourceImage:
        return replace(phantom_analysis().image, view=view, **changes)  # type: ignore[arg-type]

    return see


def check_of(gate: Gate, evidence: Evidence) -> QualityCheck | None:
    """Return how this gate came out; None when it was not asked."""
    return next((each for each in check_all(evidence) if each.check == gate.value), None)


def status_of(gate: Gate, evidence: Evidence) -> str | None:
    """Return the status alone."""
    check = check_of(gate, evidence)
    return None if check is None else check.status
