from dataclasses import replace

from service.domain.segmentation import Code
from service.encoders.coding import dicom_code, private_schemes
from tests.phantoms import phantom_analysis


def test_a_code_keeps_its_three_parts() -> None:
    code = dicom_code(Code("80891009", "SCT", "Heart"))

    assert (code.value, code.scheme_designator, code.meaning) == ("80891009", "SCT", "Heart")


def test_the_private_scheme_is_explained_only_where_it_is_used() -> None:
    analysis = phantom_analysis(16, 16)
    standard = tuple(m for m in analysis.measurements if m.code.scheme != "99THORAX")

    assert private_schemes(analysis) is not None
    assert private_schemes(replace(analysis, measurements=standard)) is None
