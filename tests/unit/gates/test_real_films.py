"""The gates on real films, right ones and wrong ones."""

from pathlib import Path

import pytest

from service.domain.analysis import Analysis
from service.domain.gate import Gate
from service.domain.image import ViewPosition
from service.domain.measurement import CheckStatus, MeasurementStatus
from service.errors import NotEligible
from service.imaging.eligibility import check_eligible
from service.imaging.raster import read_raster
from service.imaging.read import read_header, read_image
from service.inference.session import Segmenter
from service.pipeline import analyse, examine

pytestmark = pytest.mark.shared
WRONGLY_TAGGED = "cr-rsna-wrongly-tagged-mono1"


def analysed(path: Path, segmenter: Segmenter) -> Analysis:
    """Analyse a file as the service does, header first."""
    header = read_header(path)
    check_eligible(header)
    return analyse(read_image(path, header), segmenter)


def failed(analysis: Analysis) -> set[str]:
    return {check.check for check in analysis.quality if check.status == CheckStatus.FAILED}


def test_a_wrongly_tagged_film_is_named_and_nothing_is_measured(
    shared_data: Path, segmenter: Segmenter
) -> None:
    path = shared_data / "data" / "dicom" / "chest" / f"{WRONGLY_TAGGED}.dcm"

    analysis = analysed(path, segmenter)

    assert failed(analysis) == {Gate.POLARITY.value}
    assert {each.status for each in analysis.measurements} == {MeasurementStatus.NOT_MEASURED}


def test_no_other_chest_fails_a_gate(shared_data: Path, segmenter: Segmenter) -> None:
    files = sorted((shared_data / "data" / "dicom" / "chest").glob("*.dcm"))
    right = [path for path in files if path.stem != WRONGLY_TAGGED]

    found = {path.stem: failed(analysed(path, segmenter)) for path in right}

    assert len(found) == 7
    assert {name: gates for name, gates in found.items() if gates} == {}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("cr-dental-modality-lut", "not_frontal_chest"),
        ("cr-tibia-mono1-j2k", "not_chest"),
        ("dx-dog-thorax", "not_frontal_chest"),
        ("sc-nih-tagged-ct", "wrong_modality"),
    ],
)
def test_what_is_no_chest_is_skipped_by_name(
    shared_data: Path, segmenter: Segmenter, name: str, code: str
) -> None:
    with pytest.raises(NotEligible) as caught:
        analysed(shared_data / "data" / "dicom" / "not-chest" / f"{name}.dcm", segmenter)

    assert caught.value.code == code


@pytest.mark.parametrize("name", ["cr-dental-modality-lut", "cr-tibia-mono1-j2k", "dx-dog-thorax"])
def test_the_pixels_alone_say_so_with_a_margin(
    shared_data: Path, segmenter: Segmenter, name: str
) -> None:
    path = shared_data / "data" / "dicom" / "not-chest" / f"{name}.dcm"

    checks = examine(read_image(path, read_header(path)), segmenter, {}).subject.checks

    chest = next(check for check in checks if check.check == Gate.CHEST.value)
    assert chest.status == CheckStatus.FAILED
    assert isinstance(chest.value, float)
    assert chest.threshold is not None
    # The nearest is the dog, 0.022 below the limit of model 0.5.0; the least certain of 204 chests
    # is 0.025 above. One certainty is a mean over 159 labels: it varies little.
    assert chest.threshold - chest.value > 0.01


@pytest.mark.slow
def test_none_of_259_films_is_refused(shared_data: Path, segmenter: Segmenter) -> None:
    folder = shared_data / "data" / "cxr" / "frontal-lungs-heart"
    films = sorted(path for path in folder.glob("*.png") if not path.stem.endswith(".mask"))
    found: dict[str, set[str]] = {}

    for path in films:
        image = read_raster(path, ViewPosition.UNKNOWN, None)[1]
        checks = examine(image, segmenter, {}).subject.checks
        found[path.stem] = {check.check for check in checks if check.status == CheckStatus.FAILED}

    assert len(found) == 259
    # The heart and the aortic arch of film 232 do lie on the image's left.
    assert {film: gates - FIELD for film, gates in found.items() if gates - FIELD} == {
        "232": {Gate.MIRRORED.value}
    }


FIELD = {Gate.FIELD_APICES.value, Gate.FIELD_SIDES.value, Gate.FIELD_BASES.value}
"""Some of these films do cut a lung off; that stops what is measured there, and refuses nothing."""
