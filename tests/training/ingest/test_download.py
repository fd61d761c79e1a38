"""Downloading asks the commons for CT and SEG of one collection, and says what is missing."""

import importlib.util
from pathlib import Path

import pytest

from training.cli import main
from training.ingest.download import DownloadFailed, download


class Commons:
    """Answers as an IDCClient does: a table with one column, and a download."""

    def __init__(self, series: list[str]) -> None:
        self.series = series
        self.asked: list[str] = []
        self.downloaded: dict[str, object] = {}

    def sql_query(self, query: str) -> dict[str, list[str]]:
        self.asked.append(query)
        return {"SeriesInstanceUID": self.series}

    def download_from_selection(self, **options: object) -> None:
        self.downloaded = options


def test_the_collection_is_asked_for_by_the_name_of_the_commons(tmp_path: Path) -> None:
    commons = Commons(["1.2", "1.3", "1.4"])

    count = download("LIDC-IDRI", tmp_path / "lidc", 2, commons)

    assert count == 2
    assert "collection_id = 'lidc_idri'" in commons.asked[0]
    assert commons.downloaded["seriesInstanceUID"] == ["1.2", "1.3"]
    assert commons.downloaded["downloadDir"] == str(tmp_path / "lidc")


def test_an_unknown_collection_is_said(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="no CT of a collection 'nothing'"):
        download("nothing", tmp_path, None, Commons([]))


def test_a_name_that_is_none_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    commons = Commons(["1.2"])

    with pytest.raises(DownloadFailed, match="no name"):
        download("x' OR '1'='1", tmp_path, None, commons)
    assert commons.asked == []


def test_without_the_package_the_command_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if importlib.util.find_spec("idc_index") is not None:
        pytest.fail("this test is about a machine without idc-index; here it is installed")

    assert main(["download", "lidc_idri", "--out", str(tmp_path)]) == 1
    assert "pip install idc-index" in capsys.readouterr().err
