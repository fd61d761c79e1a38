import pytest

from service.domain.analysis import ObjectKind
from service.routing import needs_of, profile_of
from service.settings import Destination, SegProfileName, Settings

SEG, SR, SC, GSPS = ObjectKind.SEG, ObjectKind.SR, ObjectKind.SC, ObjectKind.GSPS


def settings(*destinations: dict[str, object]) -> Settings:
    named = [
        {"name": f"d{number}", "kind": "folder"} | given
        for number, given in enumerate(destinations)
    ]
    return Settings.model_validate({"destinations": named})


def families(given: Settings) -> dict[str, tuple[ObjectKind, ...]]:
    return {need.family: need.kinds for need in needs_of(given)}


def test_a_destination_that_says_nothing_gets_the_deployments_own_objects() -> None:
    given = settings({})

    profile = profile_of(given.destinations[0], given)

    assert profile.objects == (SEG, SR, SC)
    assert profile.families == ("",)
    assert profile.instead == {SEG: (GSPS, SC), SR: (SC,)}
    assert families(given) == {"": (SEG, SR, SC, GSPS)}


def test_objects_are_sent_segmentation_first_whatever_the_order_in_the_settings() -> None:
    given = settings({"objects": ["sc", "sr", "seg"]})

    assert profile_of(given.destinations[0], given).objects == (SEG, SR, SC)


def test_what_two_destinations_want_alike_is_made_once() -> None:
    given = settings(
        {"seg_profile": "strict", "objects": ["seg"], "instead": {}},
        {"seg_profile": "strict", "objects": ["sr"], "instead": {}},
        {"seg_profile": "viewer"},
    )

    assert families(given) == {"": (SEG, SR, SC, GSPS), "strict": (SEG, SR)}


def test_a_stand_in_is_made_though_nobody_wants_it_for_itself() -> None:
    given = settings({"seg_profile": "strict", "objects": ["seg"], "instead": {"seg": ["sc"]}})

    assert families(given) == {"strict": (SEG, SC)}


def test_the_deployments_own_profile_is_the_default_family() -> None:
    given = Settings(
        seg_profile=SegProfileName.STRICT,
        destinations=(
            Destination(name="here", kind="folder"),
            Destination(name="there", kind="folder", seg_profile=SegProfileName.VIEWER),
        ),
    )

    here, there = (profile_of(each, given).families for each in given.destinations)

    assert (here, there) == (("",), ("viewer",))


def test_a_label_map_is_offered_before_the_plain_form() -> None:
    given = settings({"labelmap": True}, {"labelmap": True, "segments": ["full"]})

    offered = [profile_of(each, given).families for each in given.destinations]

    assert offered == [("labelmap", ""), ("full-labelmap", "full")]
    forms = {need.family: (need.form.labelmap, need.form.compress) for need in needs_of(given)}
    assert forms["labelmap"] == forms["full-labelmap"] == (True, False)
    assert forms[""] == forms["full"] == (False, False)


def test_without_a_segmentation_nobody_asks_for_a_label_map() -> None:
    given = settings({"labelmap": True, "objects": ["sr"], "instead": {}})

    assert families(given) == {"": (SR,)}


def test_a_list_of_structures_is_one_family_whatever_its_order() -> None:
    given = settings(
        {"segments": ["heart", "right_lung"]},
        {"segments": ["right_lung", "heart"]},
        {"segments": ["heart"]},
    )

    first, second, third = (profile_of(each, given).families for each in given.destinations)

    assert first == second
    assert first != third == ("heart",)


def test_a_deflated_form_is_a_family_of_its_own() -> None:
    given = settings({"compress": True, "objects": ["seg"], "instead": {}})

    assert families(given) == {"deflated": (SEG,)}


@pytest.mark.parametrize(
    "wrong", [{"objects": []}, {"objects": ["mask"]}, {"instead": {"x": []}}, {"segments": ["hat"]}]
)
def test_kinds_that_there_are_not_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        settings(wrong)
