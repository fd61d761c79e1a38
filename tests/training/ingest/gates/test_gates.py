"""Every gate on the drawn chest, and on the chest with the fault that it is there for."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.training.ingest.written import chest, itk
from training.ingest.gate import GATES, Outcome, Verdict, load_gates
from training.ingest.preparing import prepare
from training.ingest.scan import Acquisition, Scan
from training.ingest.volume import Volume

load_gates()
CHEST = chest()
LUNG = CHEST.hu == -850


NOTHING_STATED = Acquisition()


def asked(gate: str, volume: Volume, acquisition: Acquisition = NOTHING_STATED) -> Verdict:
    return prepare(Scan(itk(volume), acquisition), 5.0).verdicts[gate]


def painted(mask: np.ndarray, hu: int) -> Volume:
    return replace(CHEST, hu=np.where(mask, hu, CHEST.hu).astype(np.int16))


def box(z: slice, y: slice, x: slice) -> np.ndarray:
    mask = np.zeros(CHEST.hu.shape, bool)
    mask[z, y, x] = True
    return mask


def on_a_block(thickness: int) -> Volume:
    """The chest 50 mm above a block as wide and long as the field."""
    air = np.full((64, 10, 72), -1000, np.int16)
    block = np.full((64, thickness, 72), 100, np.int16)
    return replace(CHEST, hu=np.concatenate([CHEST.hu, air, block], axis=1))


ALL = slice(None)
ROD = box(slice(30, 34), slice(10, 16), slice(36, 52))
RIGHT = box(ALL, ALL, slice(None, 36))
FAULTS: dict[str, tuple[Callable[[], Volume], Outcome]] = {
    "contrast": (lambda: painted(CHEST.hu == 45, 300), Outcome.WARNING),
    "field_apices": (lambda: replace(CHEST, hu=CHEST.hu[:44]), Outcome.REFUSED),
    "field_bases": (lambda: replace(CHEST, hu=CHEST.hu[28:]), Outcome.REFUSED),
    "field_sides": (lambda: replace(CHEST, hu=CHEST.hu[:, :, 14:]), Outcome.REFUSED),
    "field_skin": (lambda: replace(CHEST, hu=CHEST.hu[:, 8:40, 8:64]), Outcome.WARNING),
    "hu_scale": (lambda: replace(CHEST, hu=CHEST.hu // 4), Outcome.REFUSED),
    "lungs": (lambda: painted(LUNG & RIGHT, 20), Outcome.REFUSED),
    "metal": (lambda: painted(ROD, 3000), Outcome.REFUSED),
    "size": (lambda: replace(CHEST, hu=CHEST.hu[20:50]), Outcome.REFUSED),
    "slices": (lambda: replace(CHEST, spacing_mm=(8.0, 5.0, 5.0)), Outcome.REFUSED),
    "table": (lambda: on_a_block(12), Outcome.WARNING),
}  # fmt: skip


def test_every_gate_is_tested_here() -> None:
    assert set(FAULTS) == set(GATES.names())


@pytest.mark.parametrize("gate", sorted(set(FAULTS) - {"slices"}))
def test_the_chest_passes(gate: str) -> None:
    verdict = asked(gate, CHEST)

    assert verdict.outcome is Outcome.OK
    assert verdict.limit is not None
    assert not verdict.reason


def test_slices_of_three_millimetres_pass() -> None:
    fine = replace(CHEST, spacing_mm=(3.0, 5.0, 5.0))

    assert asked("slices", fine).outcome is Outcome.OK
    assert asked("slices", fine, Acquisition(slice_thickness_mm=5.0)).outcome is Outcome.WARNING


@pytest.mark.parametrize("gate", sorted(FAULTS))
def test_a_fault_is_named_with_score_limit_and_reason(gate: str) -> None:
    make, outcome = FAULTS[gate]

    verdict = asked(gate, make())

    assert verdict.outcome is outcome
    assert verdict.reason


def test_one_missing_apex_counts_in_millimetres() -> None:
    """The lungs end at 135 mm above the middle, voxel 59; a few millimetres less is a warning."""
    assert asked("field_apices", replace(CHEST, hu=CHEST.hu[:57])).outcome is Outcome.WARNING


def test_a_small_lung_is_a_warning() -> None:
    shrunk = painted(LUNG & RIGHT & ~box(slice(50, None), ALL, ALL), 20)

    verdict = asked("lungs", shrunk)

    assert verdict.outcome is Outcome.WARNING
    assert verdict.reason == "one lung is much smaller than the other"
