"""`thorax analyse`: files in, one folder of results each; no server, broker or database."""

import csv
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

from service.analysing import AnalysisTools, analyse_file, analyse_source, write_refusal
from service.bootstrap.tools import build_tools
from service.commands.summary import ratio_text, reason_text, segments_found
from service.domain.image import ViewPosition
from service.domain.job import JobState
from service.domain.outcome import Outcome
from service.errors import NotEligible, RejectedInstance, ServiceError
from service.imaging.raster import read_raster
from service.inference.manifest import sha256_of
from service.sending import files_in
from service.settings import Settings, SettingsError
from service.telemetry.logging import configure_logging

RASTER_SUFFIXES = {".png", ".jpg", ".jpeg"}
SOURCE_HASH = ".source.sha256"
EXIT_DONE, EXIT_SOME_FAILED, EXIT_NOTHING = 0, 1, 2


@dataclass(frozen=True, slots=True)
class RasterOptions:
    """What a PNG or JPEG cannot say itself."""

    view: ViewPosition
    spacing_mm: float | None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the summary."""

    file: Path
    folder: Path
    result: dict[str, Any]
    seconds: float


def analyse_paths(
    paths: Sequence[Path],
    out: Path,
    raster: RasterOptions,
    settings: Settings,
    console: Console,
) -> tuple[Line, ...]:
    """Analyse every file, print the summary, return its lines; none when there is no file."""
    files = files_in(paths)
    if not files:
        console.print("there is no file to analyse", style="red")
        return ()
    # Libraries' warnings quote names from the header; our log lets none of that out.
    configure_logging(settings.log_format, level="ERROR")
    out.mkdir(parents=True, exist_ok=True)
    here = settings.model_copy(update={"destinations": ()})  # nothing is sent, nothing made for it
    batch = Batch(out, raster, build_tools(here))
    shown = track(files, "analysing", console=console, transient=True)
    lines = tuple(batch.analyse(file) for file in shown)
    console.print(_summary(lines))
    console.print(f"results: {out}", highlight=False)
    return lines


def exit_status(lines: Sequence[Line]) -> int:
    """Return 0 when every file was analysed, 1 when some were not, 2 when there was none."""
    if not lines:
        return EXIT_NOTHING
    return EXIT_DONE if all(_is_done(line) for line in lines) else EXIT_SOME_FAILED


def write_table(lines: Sequence[Line], path: Path) -> None:
    """Write one CSV row per file: where its results are, how it ended, and every measurement."""
    keys = sorted({m["key"] for line in lines for m in line.result["measurements"]})
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("file", "folder", "status", "reason", *keys))
        for line in lines:
            values = {m["key"]: m["value"] for m in line.result["measurements"]}
            reason = (line.result["reason"] or {}).get("code")
            row = (line.file, line.folder, line.result["status"], reason)
            writer.writerow((*row, *(values.get(key) for key in keys)))


@dataclass(frozen=True, slots=True)
class Batch:
    """Analyses one file after the other into folders below `out`."""

    out: Path
    raster: RasterOptions
    tools: AnalysisTools

    def analyse(self, file: Path) -> Line:
        """Analyse one file; whatever goes wrong becomes its result.json."""
        started = perf_counter()
        with TemporaryDirectory(dir=self.out, prefix=".analysing-") as name:
            staging = Path(name)
            outcome = self._outcome(file, staging)
            folder = self._place(file, staging, outcome)
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
        return Line(file, folder, result, perf_counter() - started)

    def _outcome(self, file: Path, staging: Path) -> Outcome:
        try:
            if file.suffix.lower() in RASTER_SUFFIXES:
                return self._raster_outcome(file, staging)
            return analyse_file(file, staging, self.tools)
        except Exception as error:  # noqa: BLE001 - the edge of one file: the others go on
            return write_refusal(staging, JobState.DEAD, _as_service_error(error), None)

    def _raster_outcome(self, file: Path, staging: Path) -> Outcome:
        view, spacing_mm = self.raster.view, self.raster.spacing_mm
        try:
            return analyse_source(lambda: read_raster(file, view, spacing_mm), staging, self.tools)
        except NotEligible as error:
            return write_refusal(staging, JobState.SKIPPED, error, None)
        except RejectedInstance as error:
            return write_refusal(staging, JobState.REJECTED, error, None)

    def _place(self, file: Path, staging: Path, outcome: Outcome) -> Path:
        """Move the results to their folder and return it; other content under a UID stays."""
        if outcome.reference is None:
            return _moved(staging, _unused(self.out / file.name))
        folder, digest = self.out / outcome.reference.sop_instance_uid, sha256_of(file)
        (staging / SOURCE_HASH).write_text(digest)
        if not folder.exists() or _source_hash(folder) == digest:
            return _moved(staging, folder)
        with TemporaryDirectory(dir=self.out, prefix=".analysing-") as name:
            conflict = RejectedInstance(
                "another file with this SOP Instance UID has other content", code="conflict"
            )
            write_refusal(Path(name), JobState.REJECTED, conflict, outcome.reference)
            return _moved(Path(name), _unused(self.out / file.name))


def raster_options(view: str, spacing_mm: float | None) -> RasterOptions:
    """Return the options; raises SettingsError for a view that there is not."""
    try:
        return RasterOptions(ViewPosition(view.upper()), spacing_mm)
    except ValueError:
        known = ", ".join(ViewPosition)
        raise SettingsError(f"--view must be one of {known}") from None


def _moved(staging: Path, folder: Path) -> Path:
    """Replace `folder` by the content of `staging`."""
    if folder.exists():
        shutil.rmtree(folder)
    shutil.copytree(staging, folder)
    return folder


def _unused(folder: Path) -> Path:
    """Return the folder's name, numbered when files of one name lie in several folders."""
    candidate, number = folder, 1
    while candidate.exists():
        number += 1
        candidate = folder.with_name(f"{folder.name}-{number}")
    return candidate


def _source_hash(folder: Path) -> str | None:
    path = folder / SOURCE_HASH
    return path.read_text() if path.is_file() else None


def _as_service_error(error: Exception) -> ServiceError:
    if isinstance(error, ServiceError):
        return error
    if isinstance(error, OSError):
        return ServiceError(f"the file cannot be read ({error.strerror})", code="unreadable_file")
    return ServiceError(f"unexpected {type(error).__name__}")


def _is_done(line: Line) -> bool:
    return bool(line.result["status"] == JobState.DONE)


def _summary(lines: Sequence[Line]) -> Table:
    table = Table("file", "status", "segments", "CTR", "seconds", "reason")
    for line in lines:
        table.add_row(
            line.file.name,
            line.result["status"],
            str(segments_found(line.result)),
            ratio_text(line.result),
            f"{line.seconds:.1f}",
            reason_text(line.result),
        )
    return table
