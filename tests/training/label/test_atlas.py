from pathlib import Path

import numpy as np
import pytest

from training.ingest.nifti import read_nifti
from training.ingest.volume import Volume
from training.label.atlas import Carried, fit_labels
from training.label.rules import Rules, apply_rules
from training.label.total_ids import AORTA, HEART, RIGHT_LOBES, SCAPULAE, TRACHEA
from training.label.vote import dice

SHAPE = (12, 12, 12)
STOMACH = 6


def rules(**masks: np.ndarray) -> Rules:
    names = ("right_lung", "left_lung", "trachea", "upper_airway", "bone")
    empty = {name: np.zeros(SHAPE, bool) for name in names}
    return Rules(body=np.ones(SHAPE, bool), carina=None, **{**empty, **masks})


def test_contrast_medium_and_gas_stay_in_the_organ_that_holds_them() -> None:
    raw = np.zeros(SHAPE, np.uint8)
    raw[2:5], raw[6:9] = AORTA, STOMACH
    hu = np.full(SHAPE, 40, np.int16)
    hu[3], hu[7] = 900, -1000
    found = fit_labels(raw, Volume(hu, (2.0, 2.0, 2.0)), rules())
    assert (found == raw).all()


def test_aerated_lung_takes_the_nearest_lobe_of_its_side_and_the_airway_is_the_rules_own() -> None:
    lung, airway = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    lung[:, :, :6], airway[:, 5:7, 8:10] = True, True
    raw = np.zeros(SHAPE, np.uint8)
    raw[8:, :, :4], raw[:4, :, :4], raw[5, 5, 11] = RIGHT_LOBES[0], RIGHT_LOBES[2], TRACHEA
    hu = np.where(lung | airway, -900, 40).astype(np.int16)
    found = fit_labels(raw, Volume(hu, (2.0, 2.0, 2.0)), rules(right_lung=lung, trachea=airway))
    assert (found[9][lung[9]] == RIGHT_LOBES[0]).all()
    assert (found[1][lung[1]] == RIGHT_LOBES[2]).all()
    assert ((found == TRACHEA) == airway).all()


class _Atlas:
    known = frozenset({HEART, AORTA})
    labels = np.full(SHAPE, HEART, np.uint8)


@pytest.mark.parametrize(("covered", "known"), [(1.0, {HEART, AORTA}), (0.8, {HEART})])
def test_what_the_atlas_does_not_show_may_lie_beyond_its_end(
    covered: float, known: set[int]
) -> None:
    carried = Carried(_Atlas.labels, 0.0, covered, 0.0)
    assert carried.knows(_Atlas()) == known  # type: ignore[arg-type]


@pytest.mark.shared
@pytest.mark.slow
def test_fitting_a_volumes_own_labels_to_itself_changes_little(shared_data: Path) -> None:
    folder = shared_data / "data" / "ct" / "lidc-idri-0001"
    volume = read_nifti(folder / "ct.nii.gz", folder / "labels.nii.gz").resampled(2.5)
    assert volume.labels is not None
    found = fit_labels(volume.labels, volume, apply_rules(volume))
    for label, least in ((AORTA, 0.97), (HEART, 0.95), (SCAPULAE[0], 0.85), (RIGHT_LOBES[0], 0.95)):
        assert dice(found == label, volume.labels == label) > least
