from pydicom.dataset import Dataset

from service.domain.segmentation import Code
from service.encoders.coding import dicom_code, private_schemes


def test_a_code_keeps_its_three_parts() -> None:
    code = dicom_code(Code("80891009", "SCT", "Heart"))

    assert (code.value, code.scheme_designator, code.meaning) == ("80891009", "SCT", "Heart")


def content(scheme: str) -> Dataset:
    code, item, made = Dataset(), Dataset(), Dataset()
    code.CodingSchemeDesignator = scheme
    item.ConceptNameCodeSequence = [code]
    made.ContentSequence = [item]
    return made


def test_the_private_scheme_is_explained_only_where_it_is_used() -> None:
    (item,) = private_schemes(content("99THORAX")) or []

    assert item.CodingSchemeDesignator == "99THORAX"
    assert private_schemes(content("SCT")) is None
