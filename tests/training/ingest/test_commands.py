"""The verb `volumes` prints one line for every volume, also for those that cannot be read."""

from pathlib import Path

import pytest

from tests.training.ingest.written import write_chest
from training.cli import main
from training.ingest.gate import GATES

TAKEN = {
    "cptac-c3n-00249",
    "lidc-idri-0001",
    "lidc-idri-0314",
    "lungdx-a0001",
    "platipy-testcase",
    "pyradiomics-lung2",
    "rider-1129164940",
    "tcia-9328-0109",
    "ts-aorta-example",
}


def outcomes(folder: Path, capsys: pytest.CaptureFixture[str], spacing: str) -> dict[str, str]:
    assert main(["volumes", str(folder), "--spacing", spacing]) == 0
    lines = capsys.readouterr().out.splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert {len(row) for row in cells} == {len(GATES.names()) + 2}
    return {row[0]: row[-1] for row in cells}


def test_every_volume_has_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_chest(tmp_path / "good" / "ct.nii.gz")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "ct.nii.gz").write_bytes(b"nothing")

    found = outcomes(tmp_path, capsys, "5")

    assert found["good"] == "taken"
    assert found["bad"].startswith("unreadable")


@pytest.mark.shared
@pytest.mark.slow
def test_of_the_ten_real_volumes_the_one_with_cut_bases_is_left_out(
    shared_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = outcomes(shared_data / "data" / "ct", capsys, "3")

    assert {name for name, outcome in found.items() if outcome == "taken"} == TAKEN
    assert found["pyradiomics-lung1"] == "left out: field_bases"
