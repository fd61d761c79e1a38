"""Frontal and lateral projections of the drawn chest."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from training.gates.projections import Projected, project_volume
from training.ingest.volume import Volume


def back(volume: Volume) -> slice:
    """Return rows near the back, where a rod of metal is put along the spine."""
    middle, voxel = volume.hu.shape[1] // 2, volume.spacing_mm[1]
    return slice(middle + round(60 / voxel), middle + round(90 / voxel))


@pytest.fixture(scope="module")
def projections(phantom: Volume, tmp_path_factory: pytest.TempPathFactory) -> tuple[Projected, ...]:
    folder = tmp_path_factory.mktemp("drawn")
    # LPS to nibabel's RAS: x and y change their sign.
    affine = np.diag([-phantom.spacing_mm[2], -phantom.spacing_mm[1], phantom.spacing_mm[0], 1.0])
    hu = phantom.hu.copy()
    hu[:, back(phantom), hu.shape[2] // 2 - 3 : hu.shape[2] // 2 + 3] = 3000
    image = nibabel.Nifti1Image(hu.transpose(2, 1, 0), affine)
    nibabel.save(image, folder / "ct.nii.gz")
    return tuple(project_volume(Path(folder / "ct.nii.gz"), 2, 0))


def test_there_are_as_many_of_either_kind(projections: tuple[Projected, ...]) -> None:
    assert [each.is_lateral for each in projections] == [False, False, True, True]


def test_a_picture_has_density(projections: tuple[Projected, ...]) -> None:
    for each in projections:
        assert each.pixels.dtype == np.float32
        assert bool(np.isfinite(each.pixels).all())
        # The body is at least 210 mm thick and holds water: about 0.0195 per mm.
        assert float(each.pixels.max()) > 210 * 0.0195 / 2


def test_what_lies_behind_is_central_from_the_front_and_at_one_side_from_the_side(
    projections: tuple[Projected, ...],
) -> None:
    for each in projections:
        body = np.flatnonzero(each.pixels.max(axis=0) > 0.5)
        place = each.pixels.mean(axis=0)[body].argmax() / (len(body) - 1)

        assert (place > 0.7) if each.is_lateral else (0.3 < place < 0.7)
