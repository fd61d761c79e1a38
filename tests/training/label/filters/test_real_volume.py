"""A real volume with its own labels stays inside the literature's bands."""

from pathlib import Path

import numpy as np
import pytest

from training.ingest.nifti import read_nifti
from training.ingest.volume import Volume
from training.label.derive.totalsegmentator import from_totalsegmentator
from training.label.filters.bands import default_bands
from training.label.filters.judge import judge
from training.label.rules import find_body


@pytest.mark.shared
def test_no_organ_of_a_real_volume_is_doubted(shared_data: Path) -> None:
    folder = shared_data / "data/ct/lidc-idri-0001"
    full = read_nifti(folder / "ct.nii.gz", folder / "labels.nii.gz")
    z, y, x = full.spacing_mm
    assert full.labels is not None
    spacing = (z, 3 * y, 3 * x)
    labels = np.ascontiguousarray(full.labels[:, ::3, ::3])
    found = from_totalsegmentator(labels, spacing)
    body = find_body(Volume(np.ascontiguousarray(full.hu[:, ::3, ::3]), spacing))

    verdict = judge(found.labels, found.known, body, spacing, default_bands())

    assert dict(verdict.unknown) == {}
    assert verdict.refused is None
