"""A real labelled volume: the rules leave it alone, and repair what is broken in it on purpose."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from service.anatomy.structures import structures
from training.channels import number_of
from training.ingest.nifti import read_nifti
from training.label.derive.derived import mask_of
from training.label.derive.levels import VERTEBRAE
from training.label.derive.rib_codes import rib_code, whole_ribs
from training.label.derive.ribs import split_ribs
from training.label.derive.totalsegmentator import from_totalsegmentator
from training.label.refine.rules import refine

pytestmark = pytest.mark.shared


@cache
def labelled(folder: Path) -> tuple[np.ndarray, tuple[float, float, float], frozenset[str]]:
    """Organs at half the resolution across, spacing, known keys."""
    volume = read_nifti(folder / "ct.nii.gz", folder / "labels.nii.gz")
    assert volume.labels is not None
    z, y, x = volume.spacing_mm
    spacing = (z, 2 * y, 2 * x)
    found = from_totalsegmentator(np.ascontiguousarray(volume.labels[:, ::2, ::2]), spacing)
    return found.labels, spacing, found.known


def dice(one: np.ndarray, other: np.ndarray) -> dict[str, float]:
    found = {}
    for structure in structures():
        a, b = one == structure.number, other == structure.number
        if a.any() or b.any():
            found[structure.key] = 2 * (a & b).sum() / (a.sum() + b.sum())
    return found


def test_its_labels_are_nearly_unchanged(shared_data: Path) -> None:
    organs, spacing, known = labelled(shared_data / "data/ct/lidc-idri-0001")

    found = refine(organs, known, spacing)

    assert found.unknown == {}
    assert found.notes == ()
    assert {key: d for key, d in dice(organs, found.organs).items() if d < 0.97} == {}


def test_shuffled_ribs_swapped_sides_and_a_spine_that_is_one_off_are_repaired(
    shared_data: Path,
) -> None:
    organs, spacing, known = labelled(shared_data / "data/ct/lidc-idri-0001")
    order = np.random.default_rng(1).permutation(12) + 1
    table = np.arange(256, dtype=np.uint8)
    for n in range(1, 13):  # shuffled, and right and left exchanged
        table[rib_code(n, "right")] = rib_code(int(order[n - 1]), "left")
        table[rib_code(n, "left")] = rib_code(n, "right")
    spoilt = np.where(whole_ribs(organs) > 0, 0, organs).astype(np.uint8)
    spoilt = split_ribs(table[whole_ribs(organs)], spacing).onto(spoilt)
    one_off = np.arange(256, dtype=np.uint8)
    one_off[[number_of(key) for key in VERTEBRAE[:-1]]] = [number_of(k) for k in VERTEBRAE[1:]]

    for wrong in (spoilt, one_off[organs]):
        found = refine(wrong, known, spacing)
        assert found.unknown == {}
        assert min(dice(organs, found.organs).values()) > 0.97


def test_a_missing_rib_stays_missing(shared_data: Path) -> None:
    organs, spacing, known = labelled(shared_data / "data/ct/lidc-idri-0001")
    keys = ("posterior_rib_7_left", "anterior_rib_7_left")
    without = np.where(mask_of(organs, *keys), 0, organs).astype(np.uint8)

    found = refine(without, known, spacing)

    assert not mask_of(found.organs, *keys).any()
    assert min(dice(without, found.organs).values()) > 0.97
