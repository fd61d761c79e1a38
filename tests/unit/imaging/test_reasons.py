import re
from enum import StrEnum
from pathlib import Path

import pytest

from service.domain.image import SpacingProvenance
from service.imaging.reasons import Ineligibility, Oddity, Rejection

DOCUMENT = (Path(__file__).parents[3] / "docs" / "input.md").read_text()
SECTIONS = {
    "Rejected": Rejection,
    "Skipped": Ineligibility,
    "Warnings": Oddity,
    "Millimetres": SpacingProvenance,
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_the_documents_tables_name_each_code_of_the_program_and_no_other(heading: str) -> None:
    section = DOCUMENT.split(f"\n## {heading}")[1].split("\n## ")[0]

    documented = re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)

    codes: type[StrEnum] = SECTIONS[heading]
    assert sorted(documented) == sorted(codes)


def test_every_code_is_used_by_the_program() -> None:
    sources = "".join(
        each.read_text()
        for each in (Path(__file__).parents[3] / "service" / "imaging").glob("*.py")
        if each.name != "reasons.py"
    )
    raised_elsewhere = {Rejection.INVALID_UID}  # by domain.identifiers.checked_uid

    for codes in (Rejection, Ineligibility, Oddity):
        for code in codes:
            used = f"{codes.__name__}.{code.name}" in sources
            assert used or code in raised_elsewhere, code
