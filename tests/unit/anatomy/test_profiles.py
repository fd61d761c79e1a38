import pytest

from service.anatomy.profiles import CLINICAL, CLINICAL_KEYS, FULL, label_profile
from service.anatomy.structures import structures, structures_by_key


def test_the_clinical_profile_has_about_twenty_known_labels() -> None:
    assert 18 <= len(CLINICAL_KEYS) <= 24
    assert set(CLINICAL_KEYS) <= structures_by_key().keys()
    assert len(set(CLINICAL_KEYS)) == len(CLINICAL_KEYS)


def test_the_full_profile_has_every_label_even_one_that_the_table_does_not_know() -> None:
    assert all(FULL.has(structure.key) for structure in structures())
    assert FULL.has("a_label_of_another_s_model")


@pytest.mark.parametrize("profile", [CLINICAL, FULL])
def test_a_profile_is_found_by_its_name(profile: object) -> None:
    assert label_profile([profile.name]) is profile  # type: ignore[attr-defined]


def test_a_list_of_one_s_own_has_these_labels_alone() -> None:
    own = label_profile(["heart", "vertebra_t4"])

    assert own.has("heart")
    assert own.has("vertebra_t4")
    assert not own.has("right_lung")


def test_an_unknown_label_is_named() -> None:
    with pytest.raises(ValueError, match="hart"):
        label_profile(["heart", "hart"])


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        label_profile([])


def test_a_profile_s_text_does_not_follow_the_order_of_a_set() -> None:
    assert repr(label_profile(["heart", "aorta"])) == "LabelProfile(own: aorta,heart)"
