import pytest
from pydicom import Dataset
from pydicom.uid import (
    ComprehensiveSRStorage,
    CTImageStorage,
    DigitalXRayImageStorageForProcessing,
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    SegmentationStorage,
)

from service.errors import NotEligible
from service.imaging.eligibility import MINIMUM_SIDE, check_eligible
from tests.builders import build_cr, build_dx, build_sc


def coded(value: str, scheme: str = "SCT") -> list[Dataset]:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "a concept"
    return [item]


def code_of(header: Dataset) -> str:
    with pytest.raises(NotEligible) as caught:
        check_eligible(header)
    return caught.value.code


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(build_dx(), id="DX for presentation"),
        pytest.param(
            build_dx(SOPClassUID=DigitalXRayImageStorageForProcessing), id="DX for processing"
        ),
        pytest.param(build_cr(), id="CR"),
        pytest.param(build_sc(), id="a film as Secondary Capture tagged DX that says nothing"),
        pytest.param(build_sc(Modality="CR"), id="Secondary Capture tagged CR"),
        pytest.param(build_sc(Modality="RG"), id="Secondary Capture tagged RG"),
        pytest.param(build_sc(Modality=""), id="no modality"),
        pytest.param(build_dx(NumberOfFrames="1"), id="one frame, stated"),
        pytest.param(build_dx(PhotometricInterpretation="MONOCHROME1"), id="MONOCHROME1"),
        pytest.param(build_dx(ViewPosition="LL"), id="lateral: the catalogue's to say"),
        pytest.param(build_dx(PatientSpeciesDescription="Homo sapiens"), id="human, in words"),
        pytest.param(
            build_dx(PatientSpeciesCodeSequence=coded("337915000")), id="human, in a code"
        ),
    ],
)
def test_chest_radiographs_pass(header: Dataset) -> None:
    check_eligible(header)


@pytest.mark.parametrize(
    "name", ["CHEST", "THORAX", "LUNG", "RIBCAGE", "RIB", "RIBS", "HEART", "Chest ", "", None]
)
def test_parts_of_the_chest_and_nothing_said_pass(name: str | None) -> None:
    check_eligible(build_cr(BodyPartExamined=name))


@pytest.mark.parametrize("name", ["TORAX AP", "BRUST", "LUNGENUEBERSICHT", "PORT CHEST", "X1"])
def test_names_of_a_sites_own_pass(name: str) -> None:
    check_eligible(build_cr(BodyPartExamined=name))


@pytest.mark.parametrize(
    "name", ["EXTREMITY", "HAND", "SKULL", "ABDOMEN", "LSPINE", "L-SPINE", "pelvis", "BREAST"]
)
def test_other_body_parts_are_not_chest(name: str) -> None:
    assert code_of(build_cr(BodyPartExamined=name)) == "not_chest"


@pytest.mark.parametrize(
    "region",
    [coded("816094009"), coded("T-D3000", "SRT"), coded("113197003"), coded("T-28000", "SRT")],
    ids=["chest", "chest as SRT", "rib", "lung as SRT"],
)
def test_codes_of_the_chest_pass(region: list[Dataset]) -> None:
    check_eligible(build_cr(BodyPartExamined=None, AnatomicRegionSequence=region))


@pytest.mark.parametrize(
    "region", [coded("85562004"), coded("T-D8700", "SRT")], ids=["hand", "hand as SRT"]
)
def test_codes_of_other_body_parts_are_not_chest(region: list[Dataset]) -> None:
    header = build_cr(BodyPartExamined=None, AnatomicRegionSequence=region)

    assert code_of(header) == "not_chest"


def test_a_header_that_names_the_chest_anywhere_passes() -> None:
    check_eligible(build_cr(BodyPartExamined="CHEST", AnatomicRegionSequence=coded("85562004")))


@pytest.mark.parametrize("modality", ["CT", "MR", "US", "MG", "PX", "IO", "XA", "RF", "OT", "ct"])
def test_another_machine_is_the_wrong_modality(modality: str) -> None:
    assert code_of(build_sc(Modality=modality)) == "wrong_modality"


@pytest.mark.parametrize(
    "sop_class",
    [
        CTImageStorage,
        SegmentationStorage,
        ComprehensiveSRStorage,
        MultiFrameGrayscaleByteSecondaryCaptureImageStorage,
    ],
    ids=lambda uid: uid.name,
)
def test_other_sop_classes_are_not_served(sop_class: str) -> None:
    assert code_of(build_dx(SOPClassUID=sop_class)) == "sop_class_not_served"


@pytest.mark.parametrize(
    ("keywords", "code"),
    [
        ({"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3}, "colour"),
        ({"PhotometricInterpretation": "YBR_FULL_422", "SamplesPerPixel": 3}, "colour"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "colour"),
        ({"SamplesPerPixel": 3}, "colour"),
        ({"NumberOfFrames": "2"}, "multi_frame"),
        ({"NumberOfFrames": "2147483647"}, "multi_frame"),
        ({"PatientSpeciesDescription": "CANIS FAMILIARIS"}, "not_human"),
        ({"PatientSpeciesCodeSequence": coded("448771007")}, "not_human"),
        ({"ViewPosition": "LLD"}, "unsupported_view"),
        ({"ViewPosition": "RAO"}, "unsupported_view"),
        ({"ConversionType": "SD"}, "not_a_radiograph"),
        ({"ConversionType": "DRW"}, "not_a_radiograph"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "not_a_radiograph"),
        ({"Rows": MINIMUM_SIDE - 1}, "too_small"),
        ({"Columns": MINIMUM_SIDE - 1}, "too_small"),
    ],
    ids=str,
)
def test_what_the_header_excludes_has_its_reason(keywords: dict[str, object], code: str) -> None:
    assert code_of(build_sc(**keywords)) == code


def test_a_reason_holds_nothing_of_the_patient() -> None:
    header = build_cr(BodyPartExamined="HAND", PatientName="Sentinel^Name", PatientID="SENTINEL")

    with pytest.raises(NotEligible) as caught:
        check_eligible(header)

    assert "entinel" not in caught.value.text.lower()
    assert "HAND" not in caught.value.text


def test_a_header_of_broken_values_raises_nothing_but_a_reason() -> None:
    header = build_sc(NumberOfFrames="1")
    header["NumberOfFrames"]._value = object()  # noqa: SLF001 - what no writer can be made to write

    check_eligible(header)
