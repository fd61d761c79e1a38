"""The report with all that it can tell, of every source: valid, and read alike by its readers."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.uid import DigitalXRayImageStorageForPresentation

from service.domain.analysis import Analysis
from service.domain.image import NO_SPACING, ViewPosition
from service.encoders.files import write_dicom
from tests.builders import build_dx
from tests.conformance.films import Film, films
from tests.conformance.validators import PATIENCE_SECONDS, dciodvfy_errors, pixelmed_errors
from tests.headers import analysis_of
from tests.peers import require
from tests.phantoms import without_measurements
from tests.reports import detailed, report_of

FILMS = {film.name: film for film in films()}


@pytest.fixture(params=FILMS)
def film(request: pytest.FixtureRequest) -> Film:
    return FILMS[request.param]


def written(film: Film, folder: Path) -> tuple[Analysis, Path]:
    analysis, path = detailed(film.analysis), folder / "sr.dcm"
    write_dicom(report_of(analysis, film.header), path)
    return analysis, path


def measured(analysis: Analysis) -> dict[str, float]:
    return {m.code.meaning: round(m.value, 4) for m in analysis.measurements if m.value is not None}


@pytest.mark.peer
def test_dciodvfy_finds_no_error(film: Film, tmp_path: Path) -> None:
    _, path = written(film, tmp_path)

    assert dciodvfy_errors(path) == []


def test_highdicom_reads_the_same_values_and_lines(film: Film, tmp_path: Path) -> None:
    analysis, path = written(film, tmp_path)

    content: Any = hd.sr.srread(path).content

    groups = content.get_planar_roi_measurement_groups()
    read = {m.name.meaning: m.value for group in groups for m in group.get_measurements()}
    assert read == measured(analysis)
    hosts = [m for m in analysis.measurements if m.value is not None and not m.drawn_with]
    drawn = [group.roi.value.tolist() for group in groups]
    for host in hosts:
        assert [[column + 0.5, row + 0.5] for row, column in host.points] in drawn


def test_names_survive_in_every_character_set(film: Film, tmp_path: Path) -> None:
    _, path = written(film, tmp_path)

    assert str(pydicom.dcmread(path).PatientName) == film.patient_name


@pytest.mark.peer
def test_dcmqi_reads_the_same_values_and_findings(film: Film, tmp_path: Path) -> None:
    analysis, path = written(film, tmp_path)

    groups = read_by_dcmqi(path)["Measurements"]

    values = {
        item["quantity"]["CodeMeaning"]: float(item["value"])
        for group in groups
        for item in group["measurementItems"]
    }
    assert values == measured(analysis)
    assert all(group["TrackingUniqueIdentifier"] for group in groups)
    assert all("AlgorithmName" in group["measurementAlgorithmIdentification"] for group in groups)
    answers = {
        answer["conceptValue"]["CodeMeaning"]
        for group in groups
        for answer in group["qualitativeEvaluations"]
        if isinstance(answer["conceptValue"], dict)
    }
    assert answers >= {"Above reference range", "Increased", "Passed with a warning"}


@pytest.mark.peer
def test_dcmqi_leaves_out_what_stands_below_a_value_and_the_segment(tmp_path: Path) -> None:
    """docs/objects.md says so: it looks for a segment beside a value, where a region stands."""
    _, path = written(next(iter(FILMS.values())), tmp_path)

    (heart, *_) = read_by_dcmqi(path)["Measurements"]

    assert "ReferencedSegment" not in heart
    assert "measurementNumProperties" not in heart["measurementItems"][0]


def read_by_dcmqi(path: Path) -> dict[str, Any]:
    """Return what dcmqi's tid1500reader makes of the report."""
    found = path.with_suffix(".json")
    command = [require("tid1500reader"), "--inputDICOM", path, "--outputMetadata", found]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    read: dict[str, Any] = json.loads(found.read_text(encoding="utf-8"))
    return read


def lateral(analysis: Analysis) -> Analysis:
    """Return the analysis of a lateral view: it has one kind of measurement less and no heart."""
    image = replace(analysis.image, view=ViewPosition.LATERAL)
    return replace(analysis, image=image, measurements=analysis.measurements[2:])


def nothing_found(analysis: Analysis) -> Analysis:
    empty = np.zeros_like(analysis.segmentation.masks)
    refused = without_measurements(analysis)
    return replace(refused, segmentation=replace(analysis.segmentation, masks=empty))


HEADER = build_dx(SOPClassUID=DigitalXRayImageStorageForPresentation, PatientName="王^小明")
REPORTS = {
    "everything": detailed(analysis_of(HEADER)),
    "no spacing": detailed(analysis_of(HEADER, NO_SPACING)),
    "lateral": detailed(lateral(analysis_of(HEADER))),
    "nothing measured": detailed(without_measurements(analysis_of(HEADER))),
    "nothing found": detailed(nothing_found(analysis_of(HEADER))),
}


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_SECONDS + 60)
@pytest.mark.parametrize("name", list(FILMS)[::5])
def test_pixelmed_finds_no_error(name: str, tmp_path: Path) -> None:
    """Ten seconds each: every SOP class, spacing and character set is among those taken."""
    _, path = written(FILMS[name], tmp_path)

    assert pixelmed_errors(path) == []


@pytest.mark.peer
@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_SECONDS + 60)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_valid_whatever_is_missing(name: str, tmp_path: Path) -> None:
    path = tmp_path / "sr.dcm"
    write_dicom(report_of(REPORTS[name], HEADER), path)

    assert pixelmed_errors(path) == []
    assert dciodvfy_errors(path) == []
