"""`thorax demo`: simulated radiographs through a whole Thorax, to a small PACS and back."""

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

from service.commands.summary import STAGES, ratio_text, segments_found, stage_seconds, stand_ins
from service.dimse.scu import Remote
from service.domain.job import DeliveryState, Job
from service.errors import OutOfResources, PeerError
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.receiver import Receiver, start_receiver
from service.sending import send
from service.settings import REPOSITORY, Destination, Settings, load_settings
from service.supervisor import running
from service.telemetry.logging import configure_logging

SAMPLES = REPOSITORY / "samples"
PACS_AE_TITLE = "DEMO-PACS"
DONE_WITHIN_SECONDS = 120.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Finished:
    """A job that has ended: its results, and how many objects its destination took.

    instead: a line for each of them that stands in for another.
    """

    job: Job
    delivered: int
    instead: tuple[str, ...]
    folder: Path
    result: dict[str, Any]


def run_demo(console: Console) -> int:
    """Run it, print what came back, return the exit status; nothing is left running."""
    configure_logging("console", level="ERROR")  # this process plays the PACS: no news is good news
    started = time.monotonic()
    home = Path(".thorax") / "demo"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    receiver = start_receiver(home / "pacs", PACS_AE_TITLE)
    try:
        with Progress(console=console, transient=True) as progress:
            finished = _through_thorax(home, receiver, progress)
    finally:
        receiver.stop()
    seconds = time.monotonic() - started
    _print(console, finished, home)
    _say(
        console,
        f"{len(finished)} radiographs sent, {receiver.count} objects came back by C-STORE, "
        f"{seconds:.1f} s in all. Everything is stopped again.",
    )
    came_back = sum(each.delivered for each in finished)
    return 0 if finished and receiver.count == came_back == 3 * len(finished) else 1


def _through_thorax(home: Path, receiver: Receiver, progress: Progress) -> list[Finished]:
    samples = sorted(SAMPLES.glob("*.dcm"))
    stage = progress.add_task("starting", total=None)
    settings, configuration = _settings(home, receiver)

    def started(what: str) -> None:
        progress.update(stage, description=f"starting {what}")

    with running(settings, configuration, started) as supervisor:
        progress.update(stage, description="sending", total=len(samples))
        port = supervisor.settings.dicom_port
        remote = Remote(settings.bind, port, settings.ae_title)
        sent = send(samples, remote, PACS_AE_TITLE, lambda _: progress.advance(stage))
        refused = [file for file in sent if not file.is_stored]
        if refused:
            raise PeerError(f"{refused[0].path.name} was not taken: {refused[0].text}")
        progress.update(stage, description="analysing", total=len(samples), completed=0)
        return _wait(supervisor.settings, len(samples), progress, stage)


def _settings(home: Path, receiver: Receiver) -> tuple[Settings, Path]:
    """Return settings of a Thorax of its own on free ports, whose destination is the receiver.

    Models and execution providers are the user's; nothing else of his is touched.
    """
    options = {"host": "127.0.0.1", "port": receiver.port, "ae_title": PACS_AE_TITLE}
    configuration = home / "thorax.toml"
    configuration.write_text(
        '[[destinations]]\nname = "pacs"\nkind = "dicom"\n'
        f"options = {{ {', '.join(f'{name} = {json.dumps(v)}' for name, v in options.items())} }}\n"
    )
    users = load_settings()
    settings = Settings(
        home=home,
        dicom_port=0,
        http_port=0,
        reserve_mb=100,
        models=users.models,
        providers=users.providers,
        destinations=(Destination(name="pacs", kind="dicom", options=options),),
    )
    return settings, configuration


def _wait(settings: Settings, count: int, progress: Progress, task: TaskID) -> list[Finished]:
    """Return all jobs once they have ended; raises OutOfResources when they do not."""
    database, until = (
        Database(settings.effective_database_url),
        time.monotonic() + DONE_WITHIN_SECONDS,
    )
    while time.monotonic() < until:
        with database.reading() as unit:
            jobs = [job for job in unit.jobs.page(None, count, None) if job.state.is_final]
        progress.update(task, completed=len(jobs))
        if len(jobs) == count:
            return [_finished(database, settings.home, job) for job in reversed(jobs)]
        time.sleep(POLL_SECONDS)
    raise OutOfResources(f"the demo did not finish; see {settings.home / 'logs'}")


def _finished(database: Database, home: Path, job: Job) -> Finished:
    folder = Spool(home).result_folder(job.id)
    with database.reading() as unit:
        deliveries = unit.deliveries.of_job(job.id)
    delivered = sum(each.state is DeliveryState.DELIVERED for each in deliveries)
    result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    return Finished(job, delivered, stand_ins(deliveries), folder, result)


def _print(console: Console, finished: Sequence[Finished], home: Path) -> None:
    seconds_of = [f"{stage} s" for stage in STAGES]
    table = Table("job", "state", "found", "CTR", "sent", *seconds_of, padding=(0, 1))
    for each in finished:
        seconds = stage_seconds(each.result["timings"])
        table.add_row(
            each.job.id[:8],
            each.job.state,
            str(segments_found(each.result)),
            ratio_text(each.result),
            str(each.delivered),
            *(f"{seconds[stage]:.2f}" for stage in STAGES),
        )
    console.print(table)
    for line in dict.fromkeys(line for each in finished for line in each.instead):
        _say(console, line)
    for each in finished:
        _say(console, f"overlay picture   {each.folder / 'overlay.png'}")
    _say(console, f"objects received  {home / 'pacs'}")


def _say(console: Console, line: str) -> None:
    """Print one line as it is, so that a path can be copied."""
    console.print(line, highlight=False, soft_wrap=True)
