import pytest
from pydicom.dataset import Dataset

from tests.builders import build_cr, build_dx, build_sc
from tests.headers import analysis_of
from tests.reports import every_item, name_of, report_of


@pytest.mark.parametrize(
    ("header", "modality"),
    [
        (build_cr(), "CR"),
        (build_dx(), "DX"),
        (build_sc(), "DX"),
        (build_sc(Modality="DR"), "DX"),
        (build_sc(Modality="RG"), "RG"),
        (build_sc(Modality=None), "RG"),
    ],
    ids=["cr", "dx", "sc", "sc of old", "film", "sc without modality"],
)
def test_the_library_says_what_took_the_image(header: Dataset, modality: str) -> None:
    items = list(every_item(report_of(analysis_of(header), header)))

    (stated,) = (item for item in items if name_of(item) == "Modality")

    assert stated.ConceptCodeSequence[0].CodeValue == modality


def test_the_library_says_the_size_and_asks_for_no_more() -> None:
    header = build_sc()
    items = list(every_item(report_of(analysis_of(header), header)))

    numbers = {
        name_of(i): i.MeasuredValueSequence[0].NumericValue
        for i in items
        if "Pixel Data" in name_of(i)
    }

    assert numbers == {"Pixel Data Rows": header.Rows, "Pixel Data Columns": header.Columns}
