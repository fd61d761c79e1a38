from dataclasses import replace

from pydicom.dataset import Dataset

from service.domain.segmentation import Code
from service.encoders.code_map import NO_CODE_MAP, CodeMap, Scheme
from service.encoders.coding import dicom_code, settle_codes

HOSPITAL = Scheme("99HOSPITAL", "Radiology catalogue", "A hospital", version="3", uid="1.2.3")
SITE = CodeMap(
    codes=(
        (("99THORAX", "CTR"), Code("HTQ", "99HOSPITAL", "Herz-Thorax-Quotient")),
        (("SCT", "80891009"), Code("RID1385", "RADLEX", "heart")),
    ),
    schemes=(HOSPITAL,),
)


def test_a_code_keeps_its_three_parts() -> None:
    code = dicom_code(Code("80891009", "SCT", "Heart"))

    assert (code.value, code.scheme_designator, code.meaning) == ("80891009", "SCT", "Heart")


def code_item(value: str, scheme: str, meaning: str = "a meaning") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def document(*codes: Dataset) -> Dataset:
    """An object with these concepts in its content tree, one below the other."""
    made = Dataset()
    parent = made
    for code in codes:
        item = Dataset()
        item.ConceptNameCodeSequence = [code]
        parent.ContentSequence = [item]
        parent = item
    return made


def test_the_private_scheme_is_explained_only_where_it_is_used() -> None:
    private, standard = document(code_item("CTR", "99THORAX")), document(code_item("1", "SCT"))

    settle_codes(private, NO_CODE_MAP)
    settle_codes(standard, NO_CODE_MAP)

    (item,) = private.CodingSchemeIdentificationSequence
    assert item.CodingSchemeDesignator == "99THORAX"
    assert item.CodingSchemeResponsibleOrganization
    assert "CodingSchemeIdentificationSequence" not in standard


def test_a_site_s_codes_stand_in_place_of_ours_at_every_depth() -> None:
    ratio, heart = code_item("CTR", "99THORAX"), code_item("80891009", "SCT")
    made = document(code_item("1", "SCT"), ratio, heart)

    settle_codes(made, SITE)

    assert (ratio.CodeValue, ratio.CodingSchemeDesignator) == ("HTQ", "99HOSPITAL")
    assert ratio.CodeMeaning == "Herz-Thorax-Quotient"
    assert (heart.CodeValue, heart.CodingSchemeDesignator) == ("RID1385", "RADLEX")
    (item,) = made.CodingSchemeIdentificationSequence
    assert (item.CodingSchemeDesignator, item.CodingSchemeUID) == ("99HOSPITAL", "1.2.3")


def test_segments_are_renamed_too() -> None:
    segment, made = Dataset(), Dataset()
    segment.SegmentedPropertyTypeCodeSequence = [code_item("80891009", "SCT")]
    made.SegmentSequence = [segment]

    settle_codes(made, SITE)

    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeValue == "RID1385"


def test_what_was_copied_from_the_source_stays_as_it_came() -> None:
    made = document(code_item("CTR", "99THORAX"))
    made.ProcedureCodeSequence = [code_item("80891009", "SCT")]

    settle_codes(made, SITE)

    assert made.ProcedureCodeSequence[0].CodeValue == "80891009"


def test_a_long_code_is_replaced_as_well() -> None:
    long = Dataset()
    long.LongCodeValue, long.CodingSchemeDesignator = "A_CODE_OF_20_LETTERS", "99THORAX"
    site = replace(
        SITE, codes=((("99THORAX", "A_CODE_OF_20_LETTERS"), Code("L", "99HOSPITAL", "long")),)
    )

    settle_codes(document(long), site)

    assert long.CodeValue == "L"
    assert "LongCodeValue" not in long
