"""Every label of the 159 is there, or is missing for a stated reason."""

from service.anatomy.structures import structures
from training.card.missing import Known, missing_labels, never_seen
from training.channels import TRAINED_KEYS
from training.vocabulary import with_unions

NOTHING = Known(frozenset(), None)
LABELS_159 = [each.key for each in structures() if each.cxas_name is not None]


def reasons(have: tuple[str, ...], known: Known, *, lateral: bool = False) -> dict[str, str]:
    return {m.structure.key: m.reason for m in missing_labels(have, known, lateral=lateral)}


def test_each_of_the_159_is_in_the_package_or_has_a_reason() -> None:
    have = with_unions(("clavicle_left", "heart", "liver"))

    found = reasons(have, NOTHING)

    assert len(LABELS_159) == 159
    assert set(found) == set(LABELS_159) - set(have)
    assert all(found.values())


def test_nothing_is_missing_where_everything_was_taught() -> None:
    assert reasons(with_unions(TRAINED_KEYS), NOTHING) == {}


def test_the_reason_says_what_a_label_lacks() -> None:
    known = Known(frozenset({"stomach"}), None)

    found = reasons(with_unions(("clavicle_left",)), known)

    assert "clavicle_right" in found["clavicles"]
    assert "licence" in found["heart_atrium_left"]
    assert "licence" in found["pulmonary_artery"]
    assert "left out" in found["stomach"]
    assert "none of the volumes" in found["vertebra_l5"]


def test_channels_that_no_picture_shows_are_told() -> None:
    have = with_unions(("heart", "liver"))

    assert never_seen(have, Known(frozenset(), frozenset({"heart"}))) == ["liver"]
    assert never_seen(have, NOTHING) == []
