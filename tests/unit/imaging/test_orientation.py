import pytest
from pydicom import Dataset

from service.domain.image import ViewPosition
from service.imaging.orientation import (
    is_other_view,
    orientation_oddities,
    patient_left_is_on_image_right,
    view_position,
)
from service.imaging.reasons import Oddity
from tests.builders import build_dx, build_sc


def coded(value: str, scheme: str = "SCT") -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "a view"
    return [item]


@pytest.mark.parametrize(
    ("stated", "view"),
    [
        ("PA", ViewPosition.POSTERO_ANTERIOR),
        ("AP", ViewPosition.ANTERO_POSTERIOR),
        ("ap ", ViewPosition.ANTERO_POSTERIOR),
        ("LL", ViewPosition.LATERAL),
        ("RL", ViewPosition.LATERAL),
        ("LATERAL", ViewPosition.LATERAL),
        ("", ViewPosition.UNKNOWN),
        (None, ViewPosition.UNKNOWN),
    ],
)
def test_view_position_decides(stated: str | None, view: ViewPosition) -> None:
    assert view_position(build_sc(ViewPosition=stated)) is view


@pytest.mark.parametrize(
    ("code", "view"),
    [
        (coded("272479007"), ViewPosition.POSTERO_ANTERIOR),
        (coded("R-10206", "SRT"), ViewPosition.ANTERO_POSTERIOR),
        (coded("399173006"), ViewPosition.LATERAL),
        (coded("R-10232", "SRT"), ViewPosition.LATERAL),
        (coded("399033003"), ViewPosition.UNKNOWN),
        (coded("272479007", "99LOCAL"), ViewPosition.UNKNOWN),
    ],
)
def test_a_view_code_tells_what_view_position_does_not(
    code: list[Dataset], view: ViewPosition
) -> None:
    assert view_position(build_sc(ViewCodeSequence=code)) is view


def test_view_position_goes_before_the_code() -> None:
    header = build_dx(ViewPosition="PA", ViewCodeSequence=coded("399173006"))

    assert view_position(header) is ViewPosition.POSTERO_ANTERIOR


@pytest.mark.parametrize("orientation", [["A", "F"], ["P", "F"]])
def test_rows_that_lead_to_front_or_back_make_a_lateral(orientation: list[str]) -> None:
    header = build_sc(PatientOrientation=orientation)

    assert view_position(header) is ViewPosition.LATERAL
    assert patient_left_is_on_image_right(header) is None


@pytest.mark.parametrize(
    ("description", "view"),
    [
        ("view: LATERAL", ViewPosition.LATERAL),
        ("W Chest Lat.", ViewPosition.LATERAL),
        ("view: PA", ViewPosition.POSTERO_ANTERIOR),
        ("CHEST PA AND LAT", ViewPosition.UNKNOWN),
        ("Chest PA/AP", ViewPosition.UNKNOWN),
        ("Chest plate", ViewPosition.UNKNOWN),
        ("Thorax", ViewPosition.UNKNOWN),
    ],
)
def test_a_description_tells_only_when_it_names_one_view(
    description: str, view: ViewPosition
) -> None:
    assert view_position(build_sc(SeriesDescription=description)) is view


@pytest.mark.parametrize("stated", ["LLD", "RAO", "OBLIQUE", "LORDOTIC"])
def test_views_that_no_model_knows_are_recognised(stated: str) -> None:
    assert is_other_view(build_sc(ViewPosition=stated))


def test_an_oblique_view_code_is_recognised_unless_view_position_says_frontal() -> None:
    oblique = coded("399135007")  # left anterior oblique

    assert is_other_view(build_sc(ViewCodeSequence=oblique))
    assert not is_other_view(build_sc(ViewCodeSequence=oblique, ViewPosition="PA"))


@pytest.mark.parametrize("stated", ["PA", "AP", "LL", "", None, "SITE WORD"])
def test_frontal_lateral_and_unknown_words_are_no_other_view(stated: str | None) -> None:
    assert not is_other_view(build_sc(ViewPosition=stated))


@pytest.mark.parametrize(
    ("orientation", "left_is_right"),
    [
        (["L", "F"], True),
        (["R", "F"], False),
        (["LF", "F"], True),
        (["R", "H"], False),
        (["F", "L"], None),
        ("", None),
        (None, None),
        ("L", True),
    ],
    ids=str,
)
def test_the_patients_left_is_where_rows_lead(
    orientation: object,
    left_is_right: bool | None,  # noqa: FBT001 - three answers, not a switch
) -> None:
    header = build_sc(PatientOrientation=orientation)

    assert patient_left_is_on_image_right(header) is left_is_right


@pytest.mark.parametrize(
    ("orientation", "oddities"),
    [
        (["L", "F"], ()),
        (["R", "F"], ()),
        ("", ()),
        (["A", "F"], ()),
        (["L", "H"], (Oddity.NOT_UPRIGHT,)),
        (["F", "L"], (Oddity.NOT_UPRIGHT,)),
        (["H", "R"], (Oddity.NOT_UPRIGHT,)),
    ],
    ids=str,
)
def test_a_picture_on_its_side_or_head_is_mentioned(
    orientation: object, oddities: tuple[Oddity, ...]
) -> None:
    assert orientation_oddities(build_sc(PatientOrientation=orientation)) == oddities


@pytest.mark.parametrize(
    ("stated", "code", "contradicts"),
    [
        ("PA", "272479007", False),
        ("PA", "399348003", True),
        ("AP", "399067008", True),
        ("LL", "399173006", False),
        ("LL", "272479007", True),
        # Frontal says neither postero-anterior nor antero-posterior.
        ("AP", "399033003", False),
        ("LL", "399033003", True),
        ("", "272479007", False),
    ],
)
def test_two_attributes_that_name_two_views_are_said(
    *, stated: str, code: str, contradicts: bool
) -> None:
    header = build_dx(ViewPosition=stated, ViewCodeSequence=coded(code))

    assert (Oddity.VIEW_CONTRADICTION in orientation_oddities(header)) is contradicts
