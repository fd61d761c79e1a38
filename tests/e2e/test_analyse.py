"""`thorax analyse` with the committed model: one folder a file, a reason for what it cannot do."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from typer.testing import CliRunner

from service.cli import app
from service.encoders.files import read_masks
from tests.builders import build_dx, write_part10
from tests.peers import REPOSITORY

pytestmark = pytest.mark.slow
SAMPLES = sorted((REPOSITORY / "samples").glob("*.dcm"))
WRITTEN = {
    "seg.dcm",
    "sr.dcm",
    "sc.dcm",
    "overlay.png",
    "result.json",
    "scene.json",
    "film.jpg",
    "masks.npz",
}


def analyse(out: Path, *arguments: object) -> int:
    texts = [str(argument) for argument in arguments]
    return CliRunner().invoke(app, ["analyse", *texts, "--out", str(out)]).exit_code


def result_in(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return document


def uid_of(path: Path) -> str:
    return str(pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID)


def visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_a_radiograph_gives_every_object_and_masks_on_its_own_grid(tmp_path: Path) -> None:
    status = analyse(tmp_path, SAMPLES[0])

    folder = tmp_path / uid_of(SAMPLES[0])
    result = result_in(folder)
    keys, masks = read_masks(folder / "masks.npz")
    source = result["source"]
    assert status == 0
    assert visible(folder) == WRITTEN
    assert masks.shape == (len(keys), source["rows"], source["columns"])
    assert list(keys) == [segment["key"] for segment in result["segments"]]
    assert [segment["pixels"] for segment in result["segments"]] == masks.sum((1, 2)).tolist()


def test_the_same_radiograph_gives_the_same_bytes(tmp_path: Path) -> None:
    for out in ("first", "second"):
        analyse(tmp_path / out, SAMPLES[0])

    name = uid_of(SAMPLES[0])
    for kind in ("seg.dcm", "sr.dcm", "sc.dcm", "overlay.png", "masks.npz"):
        first, second = (tmp_path / out / name / kind for out in ("first", "second"))
        assert first.read_bytes() == second.read_bytes(), kind


def test_a_bad_file_gets_its_reason_and_the_others_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a-letter.dcm").write_text("Dear colleague")
    shutil.copy(SAMPLES[0], folder / "b-film.dcm")
    write_part10(build_dx(BodyPartExamined="FOOT", AnatomicRegionSequence=None), folder / "c.dcm")

    status = analyse(tmp_path / "out", folder)

    letter = result_in(tmp_path / "out" / "a-letter.dcm")
    foot = result_in(tmp_path / "out" / uid_of(folder / "c.dcm"))
    assert status == 1
    assert (letter["status"], letter["reason"]["code"]) == ("rejected", "not_dicom")
    assert (foot["status"], foot["reason"]["code"]) == ("skipped", "not_chest")
    assert result_in(tmp_path / "out" / uid_of(SAMPLES[0]))["status"] == "done"


def test_a_known_uid_with_other_content_is_a_conflict_and_overwrites_nothing(
    tmp_path: Path,
) -> None:
    other = pydicom.dcmread(SAMPLES[0])
    other.PatientComments = "changed afterwards"
    other.save_as(tmp_path / "other.dcm")
    out = tmp_path / "out"
    analyse(out, SAMPLES[0])
    before = (out / uid_of(SAMPLES[0]) / "seg.dcm").read_bytes()

    status = analyse(out, tmp_path / "other.dcm")

    assert status == 1
    assert result_in(out / "other.dcm")["reason"]["code"] == "conflict"
    assert (out / uid_of(SAMPLES[0]) / "seg.dcm").read_bytes() == before


def test_a_picture_is_analysed_with_the_view_and_spacing_that_the_caller_states(
    tmp_path: Path,
) -> None:
    film = pydicom.dcmread(SAMPLES[0])
    grey = film.pixel_array / film.pixel_array.max()
    if film.PhotometricInterpretation == "MONOCHROME1":
        grey = 1 - grey
    Image.fromarray((grey * 255).astype(np.uint8)).save(tmp_path / "film.png")

    stated = ("--view", "PA", "--spacing", "0.5", "--table", tmp_path / "table.csv")
    status = analyse(tmp_path / "out", tmp_path / "film.png", *stated)

    (row,) = csv.DictReader((tmp_path / "table.csv").read_text().splitlines())
    source = result_in(Path(row["folder"]))["source"]
    assert (status, row["status"]) == (0, "done")
    assert source["spacing"] == {"row_mm": 0.5, "column_mm": 0.5, "provenance": "given_by_caller"}
    assert source["view"] == "PA"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    status = analyse(tmp_path / "out", tmp_path / "absent.dcm")

    reason = result_in(tmp_path / "out" / "absent.dcm")["reason"]
    assert status == 1
    assert reason["code"] == "unreadable_file"
