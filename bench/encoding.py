"""Seconds, bytes and takers of a segmentation in each of its forms, as markdown tables.

A film of 2991 x 2500 pixels (no multiple of 8) with 159 overlapping labels; beside ours, plain
highdicom in the same run. Who takes a form is found out by sending it: to the Orthanc and the
storescp of this machine, as they come and with their doors opened. What OHIF does was found out
with OHIF 3.13.2 and is repeated here, not measured again.
"""

import argparse
import gc
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AE
from rich.console import Console

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.large_chest import large_chest
from service.anatomy.profiles import CLINICAL, FULL, LabelProfile
from service.domain.analysis import Analysis, ObjectKind
from service.encoders import dicom_seg
from service.encoders.derived_uids import DEFAULT_DEVICE_UID
from service.encoders.files import write_dicom
from service.encoders.registry import EncodingOptions, SegForm, SegProfile, encode_all
from tests.plain_highdicom import plain_segmentation
from tests.processes import answers, free_port, running
from tests.servers import orthanc_server

MEGABYTE = 1_000_000
PEERS = ("Orthanc", "Orthanc, opened", "storescp", "storescp, opened")


@dataclass(frozen=True, slots=True)
class Form:
    """One row: how pixels are held, and what OHIF 3.13.2 does with it at a size like this."""

    name: str
    form: SegForm
    syntax: UID
    ohif: str
    is_plain: bool = False
    profiles: tuple[LabelProfile, ...] = (CLINICAL, FULL)


FORMS = (
    Form("BINARY", SegForm.BINARY, ExplicitVRLittleEndian, "shifted", is_plain=True),
    Form("BINARY", SegForm.BINARY, ExplicitVRLittleEndian, "shifted"),
    Form("BINARY", SegForm.BINARY, DeflatedExplicitVRLittleEndian, "shifted"),
    Form(
        "FRACTIONAL", SegForm.FRACTIONAL, ExplicitVRLittleEndian, "shows it", profiles=(CLINICAL,)
    ),
    Form("FRACTIONAL", SegForm.FRACTIONAL, RLELossless, "shows it"),
    Form("FRACTIONAL", SegForm.FRACTIONAL, JPEGLSLossless, "not tried"),
    Form("LABELMAP", SegForm.LABELMAP, ExplicitVRLittleEndian, "last layer"),
    Form("LABELMAP", SegForm.LABELMAP, RLELossless, "last layer"),
    Form("LABELMAP", SegForm.LABELMAP, JPEGLSLossless, "last layer"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """What is encoded again and again."""

    header: Dataset
    analysis: Analysis

    def encoded(self, form: Form, profile: LabelProfile) -> tuple[Dataset, ...]:
        """Return the instances."""
        options = EncodingOptions(
            SegProfile.VIEWER,
            DEFAULT_DEVICE_UID,
            segments=profile,
            seg_form=form.form,
            seg_transfer_syntax_uid=form.syntax,
            deflate=form.syntax == DeflatedExplicitVRLittleEndian,
        )
        return encode_all(ObjectKind.SEG, self.analysis, self.header, options)


def written(made: Sequence[Dataset], folder: Path) -> list[Path]:
    """Write the instances and return where."""
    paths = [folder / f"{number}.dcm" for number in range(len(made))]
    for dataset, path in zip(made, paths, strict=True):
        write_dicom(dataset, path)
    return paths


def row(form: Form, profile: LabelProfile, source: Source, runs: int, ports: Sequence[int]) -> str:
    """Measure one form and return its line."""
    seconds, writing = [], []
    with TemporaryDirectory() as folder:
        for _ in range(1 if form.is_plain else runs):
            gc.collect()
            started = perf_counter()
            made = source.encoded(form, profile)
            encoded = perf_counter()
            paths = written(made, Path(folder))
            seconds.append(encoded - started)
            writing.append(perf_counter() - encoded)
        size = sum(path.stat().st_size for path in paths)
        takers = [verdict(paths), *(taken(paths, port) for port in ports)]
    cells = [
        profile.name,
        f"{'plain highdicom: ' if form.is_plain else ''}{form.name}",
        form.syntax.name,
        str(len(paths)),
        f"{min(seconds):.2f}, {median(seconds):.2f}",
        f"{min(writing):.2f}, {median(writing):.2f}",
        f"{size / MEGABYTE:.2f}",
        *takers,
        form.ohif,
    ]
    return f"| {' | '.join(cells)} |"


def verdict(paths: Sequence[Path]) -> str:
    """Return what dciodvfy says of all instances together."""
    program = which("dciodvfy")
    if program is None:
        return "not here"
    said = [
        subprocess.run([program, path], check=False, capture_output=True, text=True).stderr
        for path in paths
    ]
    if any("dataset read failed" in text for text in said):
        return "not read"
    if any("Information Object Not found" in text for text in said):
        return "unknown object"
    errors = sum(line.startswith("Error") for text in said for line in text.splitlines())
    return f"{errors} errors"


def taken(paths: Sequence[Path], port: int) -> str:
    """Return what the peer at `port` makes of the instances."""
    made = [pydicom.dcmread(path) for path in paths]
    sender = AE("THORAX")
    sender.add_requested_context(made[0].SOPClassUID, made[0].file_meta.TransferSyntaxUID)
    association = sender.associate("127.0.0.1", port)
    if not association.accepted_contexts:
        association.abort()
        return "not accepted"
    statuses = {association.send_c_store(each).get("Status") for each in made}
    association.release()
    return "yes" if statuses == {0} else ", ".join(map(str, statuses))


@contextmanager
def peers(folder: Path) -> Iterator[list[int]]:
    """Run the four receivers of PEERS and give their ports."""
    with ExitStack() as stack:
        ports = []
        for name, is_opened in (("closed", False), ("opened", True)):
            (folder / name).mkdir()
            server = orthanc_server(folder / name, takes_unknown_classes=is_opened)
            ports.append(stack.enter_context(server).dicom_port)
        for name, switches in (("plain", []), ("promiscuous", ["--promiscuous", "+xa"])):
            (folder / name).mkdir()
            ports.append(stack.enter_context(storescp(folder / name, switches)))
        yield ports


@contextmanager
def storescp(folder: Path, switches: Sequence[str]) -> Iterator[int]:
    """Run DCMTK's storescp and give its port."""
    port = free_port()
    # The one of pynetdicom has the same name and lies in the virtual environment.
    program = which("storescp", path="/usr/local/bin:/usr/bin") or "storescp"
    command = [program, *switches, "--ignore", "-aet", "TESTPACS", str(port)]
    with running(command, folder / "storescp.log", ready=lambda: answers(port)):
        yield port


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs of each of our forms")
    parser.add_argument("--rows", type=int, default=2991)
    parser.add_argument("--columns", type=int, default=2500)
    given = parser.parse_args()
    source = Source(*large_chest(given.rows, given.columns))
    warm = Form("BINARY", SegForm.BINARY, ExplicitVRLittleEndian, "")
    source.encoded(warm, replace(CLINICAL, keys=frozenset(["heart"])))
    console = Console(stderr=True)
    print(
        f"Segmentations of {given.rows} x {given.columns} pixels; seconds are the fastest and the"
    )
    print(f"median of {given.runs} runs (plain highdicom: one run).\n")
    heads = ["profile", "form", "transfer syntax", "instances", "encode, s", "write, s", "MB"]
    heads += ["dciodvfy", *PEERS, "OHIF 3.13.2"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    with TemporaryDirectory() as folder, peers(Path(folder)) as ports:
        for profile in (CLINICAL, FULL):
            for form in (form for form in FORMS if profile in form.profiles):
                console.print(profile.name, form.name, form.syntax.name, form.is_plain)
                with ExitStack() as stack:
                    if form.is_plain:
                        stack.enter_context(
                            patch.object(dicom_seg, "quick_segmentation", plain_segmentation)
                        )
                    print(row(form, profile, source, given.runs, ports), flush=True)
    print()


if __name__ == "__main__":
    main()
