"""Seconds and bytes of each kind of object for one large film, as a markdown table.

The film of `large_chest.py`, with the clinical labels in the SEG: what a person waits for when
everything that can be asked for is asked for. An analysis is encoded once, so each run begins with
a fresh one: what several objects share (the drawn film) counts once a run, as in the service.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from statistics import median
from time import perf_counter

from pydicom.dataset import Dataset

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.large_chest import large_chest
from service.domain.analysis import Analysis, ObjectKind
from service.encoders.derived_uids import DEFAULT_DEVICE_UID
from service.encoders.registry import EncodingOptions, SegProfile, encode_all

OPTIONS = EncodingOptions(SegProfile.VIEWER, DEFAULT_DEVICE_UID)
Seconds = dict[ObjectKind, float]


def encoded(header: Dataset, analysis: Analysis) -> tuple[Seconds, dict[ObjectKind, int]]:
    """Return for each kind the seconds that it took and how many bytes it has."""
    seconds, sizes = {}, {}
    for kind in ObjectKind:
        started = perf_counter()
        made = encode_all(kind, analysis, header, OPTIONS)
        seconds[kind] = perf_counter() - started
        sizes[kind] = sum(_size(each) for each in made)
    return seconds, sizes


def _size(made: Dataset) -> int:
    buffer = BytesIO()
    made.save_as(buffer, enforce_file_format=True)
    return buffer.tell()


def rows(runs: list[Seconds], sizes: dict[ObjectKind, int]) -> Iterator[str]:
    """Yield the table's lines: medians and ranges, and the sum of a run."""
    for kind in ObjectKind:
        values = [run[kind] for run in runs]
        yield f"| {kind} | {_spread(values)} | {sizes[kind] / 1e6:.2f} |"
    totals = [sum(run.values()) for run in runs]
    yield f"| **all** | {_spread(totals)} | {sum(sizes.values()) / 1e6:.2f} |"


def _spread(values: list[float]) -> str:
    return f"{median(values):.3f} ({min(values):.3f}-{max(values):.3f})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs after one that is not counted")
    parser.add_argument("--rows", type=int, default=2991)
    parser.add_argument("--columns", type=int, default=2500)
    given = parser.parse_args()
    header, analysis = large_chest(given.rows, given.columns)
    encoded(header, replace(analysis))
    measured = [encoded(header, replace(analysis)) for _ in range(given.runs)]
    print(
        f"All objects of {given.rows} x {given.columns} pixels, median of {given.runs} (range):\n"
    )
    print("| object | encode, s | MB |\n|---|---|---|")
    print("\n".join(rows([seconds for seconds, _ in measured], measured[0][1])), end="\n\n")


if __name__ == "__main__":
    main()
