"""Facts of a header are kept only in a form that identifies nobody."""

import pytest

from training.ingest.scan import age_band, known_sex, number, plain_text


@pytest.mark.parametrize(
    ("years", "band"),
    [(0.5, "0-9"), (39.9, "30-39"), (40, "40-49"), (89, "80-89"), (90, "90+"), (104, "90+"),
     (None, None), (-1, None)],
)  # fmt: skip
def test_an_age_becomes_its_decade(years: float | None, band: str | None) -> None:
    assert age_band(years) == band


@pytest.mark.parametrize("text", ["a" * 65, "Müller's own", "x\ny", "", None])
def test_free_text_does_not_pass(text: str | None) -> None:
    assert plain_text(text) is None


def test_sex_and_numbers_are_read_leniently() -> None:
    assert [known_sex(v) for v in ("female", "m", "?", None)] == ["F", "M", None, None]
    assert [number(v) for v in ("1,5", "120", "0", "n/a", None)] == [1.5, 120.0, None, None, None]
