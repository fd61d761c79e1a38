"""A radiologist opens the results in OHIF: the labels are there, and each pixel has its colour."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
from highdicom.color import CIELabColor
from numpy.typing import NDArray
from PIL import Image
from pydicom import Dataset
from scipy import ndimage

from service.encoders.files import read_masks
from tests.e2e.ohif import Point, Seen, View, look
from tests.e2e.thorax_up import COMMAND
from tests.peers import REPOSITORY, require
from tests.servers import Orthanc, orthanc_server

pytestmark = [pytest.mark.peer, pytest.mark.slow, pytest.mark.timeout(900)]

Masks = NDArray[np.bool_]
FILMS = {
    "a real film without spacing": lambda: require("shared") / "data/dicom/chest" / REAL,
    "a film whose size is no multiple of 8": lambda: REPOSITORY / "samples/simulated-2.dcm",
}
REAL = "sc-nih-a-tagged-dx.dcm"
FILL_OPACITY = 0.5  # OHIF's default for segmentations
OUTLINE_PIXELS = 12  # farther than this from every outline, in source pixels (2.3 per screen pixel)
POINTS_PER_SEGMENT = 6
BACKGROUND_POINTS = 200  # most of them lie where the viewer cuts the film off
TOLERANCE = 14  # grey levels of 255: image interpolation, and CIELab rounding of the colour
COVERED_AT_MOST = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A film, its results, and what OHIF showed of them."""

    segmentation: Dataset
    report: Dataset
    masks: Masks
    seg: Seen
    sr: Seen
    sc: Seen
    capture: Dataset


@pytest.fixture(scope="module", params=sorted(FILMS))
def shown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    for peer in ("orthanc", "orthanc-dicomweb", "chromium", "node", "ohif", "playwright"):
        require(peer)
    folder = tmp_path_factory.mktemp("ohif")
    film = FILMS[request.param]()
    results = analyse(film, folder / "results")
    (folder / "orthanc").mkdir()
    with orthanc_server(folder / "orthanc") as orthanc:
        for path in (film, results / "seg.dcm", results / "sr.dcm", results / "sc.dcm"):
            orthanc.store(path.read_bytes())
        found = show(orthanc, folder, results)
    if film.name == REAL:
        keep_screenshots(folder)
    return found


def test_one_film_begins_frames_inside_a_byte() -> None:
    film = pydicom.dcmread(
        FILMS["a film whose size is no multiple of 8"](), stop_before_pixels=True
    )

    assert film.Rows * film.Columns % 8 != 0


def test_every_segment_is_named_in_the_panel(shown: Shown) -> None:
    lines = set(shown.seg.text.splitlines())

    assert {segment.SegmentLabel for segment in shown.segmentation.SegmentSequence} <= lines


def test_pixels_inside_segments_have_their_colours(shown: Shown) -> None:
    colours = segment_colours(shown.segmentation)
    wrong = []
    for point, colour in zip(shown.seg.points, shown.seg.colours, strict=True):
        covering = colours[shown.masks[:, *point]]
        if not is_blend(colour, covering):
            wrong.append((point, colour.tolist(), covering.tolist()))

    assert not wrong, f"{len(wrong)} of {len(shown.seg.points)}: {wrong}"


def test_the_pixels_looked_at_are_inside_and_outside_of_segments(shown: Shown) -> None:
    covered = [int(shown.masks[:, *point].sum()) for point in shown.seg.points]

    assert covered.count(0) >= 2
    assert sum(number > 0 for number in covered) >= 5 * POINTS_PER_SEGMENT


def test_the_report_is_drawn_with_its_values(shown: Shown) -> None:
    """Lines lie over each other and long texts are cut; what is seen must be what was measured."""
    drawn = " ".join(shown.sr.text.split())
    values = [each for each in numbers(shown.report) if f"{each.name}: {each.value}" in drawn]

    assert "Cardiothoracic ratio" in drawn
    assert values, f"none of {numbers(shown.report)} in {drawn}"


def test_the_secondary_capture_shows_its_own_colours(shown: Shown) -> None:
    assert shown.sc.colours.shape[0] > 0
    assert np.ptp(shown.sc.colours, axis=1).max() > 20


def analyse(film: Path, folder: Path) -> Path:
    """Return the folder of the film's results, made by the command that a user has."""
    done = subprocess.run(
        [COMMAND, "analyse", film, "--out", folder], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (results,) = (path.parent for path in folder.glob("*/seg.dcm"))
    return results


def show(orthanc: Orthanc, folder: Path, results: Path) -> Shown:
    """Open segmentation, report and capture in one browser."""
    seg, sr, sc = (pydicom.dcmread(results / f"{kind}.dcm") for kind in ("seg", "sr", "sc"))
    masks = masks_of(seg, results / "masks.npz")
    points = tuple(chosen_points(masks))
    last_label = seg.SegmentSequence[-1].SegmentLabel
    views = [
        View(
            seg.SeriesDescription,
            str(folder / "seg.png"),
            segmentation=True,
            text=last_label,
            points=points,
        ),
        View(sr.SeriesDescription, str(folder / "sr.png"), text="Cardiothoracic ratio"),
        View(sc.SeriesDescription, str(folder / "sc.png"), points=coloured_points(sc.pixel_array)),
    ]
    seen = look(orthanc, str(seg.StudyInstanceUID), views)
    return Shown(seg, sr, masks, *seen, sc)


def masks_of(segmentation: Dataset, path: Path) -> Masks:
    """Return the masks that are segments, in their order: the file holds what was found besides."""
    keys, masks = read_masks(path)
    return masks[[keys.index(segment.TrackingID) for segment in segmentation.SegmentSequence]]


def keep_screenshots(folder: Path) -> None:
    """Write the pictures of docs/viewers.md where THORAX_SCREENSHOTS says, if it does."""
    kept = os.environ.get("THORAX_SCREENSHOTS")
    for kind in ("seg", "sr", "sc") if kept else ():
        with Image.open(folder / f"{kind}.png") as picture:
            picture.convert("RGB").save(Path(str(kept), f"ohif-{kind}.jpg"), quality=85)


def chosen_points(masks: Masks) -> Iterator[Point]:
    """Yield pixels far from every outline: some of each segment, and some of none."""
    outlines = np.zeros(masks.shape[1:], dtype=bool)
    for mask in masks:
        outlines |= mask ^ ndimage.binary_erosion(mask)
    clear = ndimage.distance_transform_edt(~outlines) > OUTLINE_PIXELS
    clear &= masks.sum(axis=0) <= COVERED_AT_MOST
    clear[:OUTLINE_PIXELS] = clear[-OUTLINE_PIXELS:] = False
    random = np.random.default_rng(0)
    counts = [BACKGROUND_POINTS] + [POINTS_PER_SEGMENT] * len(masks)
    for count, region in zip(counts, (~masks.any(axis=0), *masks), strict=True):
        rows, columns = np.nonzero(region & clear)
        for index in random.permutation(len(rows))[:count]:
            yield int(rows[index]), int(columns[index])


def coloured_points(capture: NDArray[np.uint8]) -> list[Point]:
    """Return pixels in the middle of coloured areas of an RGB picture."""
    chroma = np.ptp(capture.astype(int), axis=2) > 60
    rows, columns = np.nonzero(ndimage.binary_erosion(chroma))
    chosen = np.random.default_rng(0).permutation(len(rows))[:50]
    return [(int(rows[i]), int(columns[i])) for i in chosen]


@dataclass(frozen=True, slots=True)
class Number:
    """A NUM item of the report as OHIF writes it."""

    name: str
    value: str


def numbers(report: Dataset) -> list[Number]:
    """Return every numeric value of a report, wherever it stands."""
    found = []
    for item in report.get("ContentSequence", []):
        if item.ValueType == "NUM" and item.get("MeasuredValueSequence"):
            name = item.ConceptNameCodeSequence[0].CodeMeaning
            value = float(item.MeasuredValueSequence[0].NumericValue)
            found.append(Number(name, f"{value:.2f}"))
        found += numbers(item)
    return found


def segment_colours(segmentation: Dataset) -> NDArray[np.float64]:
    """Return the recommended display colours as RGB 0-255, float (segments, 3)."""
    values = [s.RecommendedDisplayCIELabValue for s in segmentation.SegmentSequence]
    return np.array([CIELabColor.from_dicom_value(value).to_rgb() for value in values], dtype=float)


def is_blend(seen: NDArray[np.int64], covering: NDArray[np.float64]) -> bool:
    """Return whether a screen pixel is some grey under the segments' colours.

    OHIF lets each layer take half of what shines through, and mixes the layers' colours evenly.
    The grey of the radiograph adds the same to red, green and blue, so differences of channels
    come from the colours alone.
    """
    opacity = 1 - (1 - FILL_OPACITY) ** len(covering)
    painted = opacity * covering.mean(axis=0) if len(covering) else np.zeros(3)
    difference = np.diff(seen) - np.diff(painted)
    return bool(np.abs(difference).max() <= TOLERANCE)
