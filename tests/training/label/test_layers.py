import numpy as np
import pytest

from training.channels import Layer, number_of
from training.ingest.volume import Volume
from training.label import layers
from training.label.filters.bands import Band
from training.label.filters.filters import Filters
from training.label.filters.shape import Feature
from training.label.labelled import LabelledVolume
from training.label.layers import ids_of, known_keys, layered
from training.label.refine.refined import Refined
from training.label.rules import Rules
from training.label.total_ids import (
    AORTA,
    ATRIAL_APPENDAGE,
    HEART,
    LEFT_LOBES,
    LEFT_LUNG,
    LEFT_RIBS,
    RIGHT_RIBS,
    T1,
)


@pytest.mark.parametrize(
    ("label", "keys"),
    [
        (LEFT_RIBS[4], {"posterior_rib_5_left", "anterior_rib_5_left"}),
        (LEFT_RIBS[11], {"rib_12_left"}),
        (T1, {"vertebra_t1"}),
        (HEART, {"heart"}),
        (ATRIAL_APPENDAGE, set()),
        (LEFT_LUNG, {"left_lung"}),
        (AORTA, {"aorta", "ascending_aorta", "aortic_arch", "descending_aorta"}),
    ],
)
def test_a_class_id_vouches_for_its_keys_and_no_other(label: int, keys: set[str]) -> None:
    assert known_keys(frozenset({label})) == keys


def test_a_lung_is_known_only_with_all_its_lobes() -> None:
    assert "left_lung" not in known_keys(frozenset(LEFT_LOBES[:1]))
    assert "left_lung" in known_keys(frozenset(LEFT_LOBES))


@pytest.mark.parametrize(
    ("key", "parts", "whole"),
    [
        ("vertebra_t5", tuple(range(26, 51)), "spine"),
        ("posterior_rib_5_left", (*LEFT_RIBS, *RIGHT_RIBS), "ribs"),
        ("lung_upper_lobe_left", LEFT_LOBES, "left_lung"),
    ],
)
def test_a_whole_stays_known_with_a_part_that_is_not_believed(
    key: str, parts: tuple[int, ...], whole: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No sides and no counting here: what refining makes of so rough a drawing is not the question.
    monkeypatch.setattr(layers, "refine", lambda organs, *_: Refined(organs))
    labels = np.zeros((3 * len(parts), 16, 40), np.uint8)
    for place, number in enumerate(parts):
        labels[3 * place + 1 : 3 * place + 3, 6:10, 4 + place % 30 : 9 + place % 30] = number
    nothing = np.zeros(labels.shape, np.bool_)
    rules = Rules(~nothing, nothing, nothing, nothing, nothing, nothing, None)
    volume = Volume(np.zeros(labels.shape, np.int16), (4.0, 4.0, 4.0))
    filters = Filters([Band(key, Feature.VOLUME_ML, 9e5, 1e6, "none is so large")])

    found = layered(labels, frozenset(parts), volume, rules, filters)

    assert set(found.filtered) == {key}
    assert found.unknown[key].startswith("shape filter: volume_ml ")
    assert key not in found.volume.known
    assert whole in found.volume.known


def test_organs_become_class_ids_again_and_what_is_not_known_becomes_nothing() -> None:
    keys = ["heart", "vertebra_t1", "posterior_rib_5_left", "anterior_rib_5_left", "aortic_arch"]
    organs = np.array([[[number_of(key) for key in [*keys, "liver"]]]], np.uint8)
    ids = ids_of(LabelledVolume({Layer.ORGANS: organs}, frozenset(keys)))
    assert ids.ravel().tolist() == [HEART, T1, LEFT_RIBS[4], LEFT_RIBS[4], AORTA, 0]
