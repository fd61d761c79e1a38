"""Seconds per stage for one large radiograph: medians of several runs, as a markdown table.

The radiograph is a sample of this project enlarged to 2500 x 2048 pixels, once uncompressed and
once as JPEG 2000; everything from the file to the written results is what the worker does.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import pydicom
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless
from rich.console import Console
from rich.progress import track
from scipy import ndimage

from service.analysing import AnalysisTools, analyse_file
from service.bootstrap.tools import build_tools
from service.domain.job import JobState
from service.settings import REPOSITORY, load_settings

SAMPLE = REPOSITORY / "samples" / "simulated-1.dcm"
ROWS, COLUMNS = 2500, 2048
FORMS = {"uncompressed": ExplicitVRLittleEndian, "JPEG 2000 lossless": JPEG2000Lossless}
STAGES = {
    "read": "read, decode, grey values",
    "preprocess": "to the model's grid",
    "infer": "inference",
    "postprocess": "masks on the film's grid",
    "gates": "quality gates",
    "measure": "measure",
    "repeat": "measure again on eight perturbed inputs",
    "locate": "29 places of the chest",
    "encode_seg": "encode SEG",
    "encode_sr": "encode SR",
    "encode_sc": "encode secondary capture",
    "rest": "overlay picture, masks.npz, result.json",
    "total": "**total**",
}
Seconds = dict[str, float]


def write_film(path: Path, transfer_syntax_uid: str) -> Path:
    """Write the enlarged sample."""
    film = pydicom.dcmread(SAMPLE)
    small = film.pixel_array
    factors = (ROWS / small.shape[0], COLUMNS / small.shape[1])
    large = ndimage.zoom(small.astype(np.float32), factors, order=1).round().astype(small.dtype)
    film.Rows, film.Columns = large.shape
    film.PixelData = large.tobytes()
    if transfer_syntax_uid != ExplicitVRLittleEndian:
        film.compress(transfer_syntax_uid, generate_instance_uid=False)
    film.save_as(path)
    return path


def run(film: Path, tools: AnalysisTools) -> Seconds:
    """Return the seconds per stage of one analysis."""
    with TemporaryDirectory() as folder:
        started = perf_counter()
        outcome = analyse_file(film, Path(folder), tools)
        total = perf_counter() - started
        if outcome.state is not JobState.DONE:
            raise SystemExit(f"the film was not analysed: {outcome.reason}")
        timings: Seconds = json.loads((Path(folder) / "result.json").read_text())["timings"]
    return {**timings, "rest": total - sum(timings.values()), "total": total}


def rows(measured: Sequence[list[Seconds]]) -> Iterator[str]:
    """Yield the table's lines: for each stage the median and the range of each form."""
    for stage, name in STAGES.items():
        cells = [
            f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f})"
            for values in ([run[stage] for run in runs] for runs in measured)
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="runs after one that is not counted")
    count = parser.parse_args().runs
    tools = build_tools(load_settings())
    tools.catalogue.warm_up()
    console = Console(stderr=True)
    measured = []
    with TemporaryDirectory() as folder:
        for form, transfer_syntax_uid in FORMS.items():
            film = write_film(Path(folder) / "film.dcm", transfer_syntax_uid)
            run(film, tools)
            turns = track(range(count), form, console=console, transient=True)
            measured.append([run(film, tools) for _ in turns])
    print(f"Seconds for one radiograph of {ROWS} x {COLUMNS} pixels, median of {count} (range):\n")
    print(f"| stage | {' | '.join(FORMS)} |\n|---|{'---|' * len(FORMS)}")
    print("\n".join(rows(measured)), end="\n\n")


if __name__ == "__main__":
    main()
