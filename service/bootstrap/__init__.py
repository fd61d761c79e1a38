"""Builds the parts that a process needs from its settings: the only module that chooses them."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from service import delivery
from service.bootstrap.tools import build_code_map, build_tools
from service.delivery.registry import DESTINATIONS, Deliverer
from service.domain.instance import ReceivedInstance
from service.domain.job import Job
from service.domain.outcome import Outcome
from service.errors import OutOfResources
from service.inbound.dicom_scp import Listener, ListenerOptions, start_listener
from service.inbound.doorkeeper import CallingPeer
from service.inbound.identify import received_file
from service.inbound.limits import Limits
from service.inference.manifest import ModelPackage
from service.inference.packages import find_packages
from service.intake import Intake
from service.persistence.session import Database
from service.persistence.spool import Spool
from service.plugins import load
from service.processing import SWEEP_SECONDS, Analyse, Processing, Route
from service.queue import CeleryQueue, JobQueue
from service.reanalysis import Reanalysis
from service.retrying import Retrying
from service.routing import profile_of
from service.settings import Destination, Settings, SettingsError
from service.telemetry.logging import exception_fields, get_logger
from service.telemetry.metrics import MetricsFile

if TYPE_CHECKING:
    # What analyses is heavy (highdicom, scipy, onnxruntime) and only workers do: see LazyAnalyse.
    from service.analysing import AnalysisTools
    from service.priors.history import History
    from service.priors.outside import OutsideSource

log = get_logger(__name__)
MEGABYTE = 1024 * 1024
LONGEST_SEARCH_SECONDS = 120
"""An analysis is killed after 300 s: looking for a prior must leave it its time."""


@dataclass(frozen=True)
class Services:
    """Ready parts of one process. Build them after a fork, never before it."""

    settings: Settings
    database: Database
    spool: Spool
    queue: JobQueue
    intake: Intake

    @property
    def reanalysis(self) -> Reanalysis:
        """Return what makes new jobs of old ones."""
        return Reanalysis(self.database, self.spool, self.queue)

    @property
    def retrying(self) -> Retrying:
        """Return what has dead jobs tried again."""
        return Retrying(self.database, self.queue)

    @cached_property
    def model_packages(self) -> tuple[ModelPackage, ...]:
        """Return the packages on disk, verified; no graph is opened."""
        return find_packages(self.settings.models, self.settings.precision)


def build_services(settings: Settings) -> Services:
    """Return what every process shares; no connection is open yet."""
    database = Database(settings.effective_database_url)
    spool = Spool(settings.home)
    queue = CeleryQueue(settings.effective_broker_url)
    intake = Intake(database, spool, queue, settings.reserve_mb * MEGABYTE, write_end)
    return Services(settings, database, spool, queue, intake)


def build_history(services: Services) -> "History":
    """Return what is known of the past: our own results, then the configured sources."""
    from service.priors.finder import PriorFinder
    from service.priors.own import OwnResults
    from service.priors.secret import load_key

    settings = services.settings
    key = load_key(settings.home, settings.patient_hash_key)
    return PriorFinder(
        own=OwnResults(services.database, services.spool),
        sources=build_sources(services, key),
        key=key,
        is_wanted=settings.priors,
    )


def build_sources(services: Services, key: bytes) -> "Sequence[OutsideSource]":
    """Return the configured sources of priors; raises SettingsError naming a wrong one."""
    from service.priors import sources
    from service.priors.outside import OutsideSource
    from service.priors.source import SOURCES, Surroundings

    load(sources)
    surroundings = Surroundings(services.settings.ae_title, services.spool)
    made = []
    for source in services.settings.prior_sources:
        kind = SOURCES.get(source.kind)
        with _naming(f"prior source {source.name}"):
            options = kind.Options.model_validate(source.options)
        peer = kind(options, surroundings)
        made.append(OutsideSource(source.name, peer, key, options.timeout_seconds))
    if sum(each.timeout_seconds for each in made) > LONGEST_SEARCH_SECONDS:
        raise SettingsError(
            f"prior_sources: their timeout_seconds add up to more than {LONGEST_SEARCH_SECONDS}"
        )
    return made


class LazyAnalyse:
    """`analyse_file` with tools that are built at first use: only workers ever need them."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def tools(self) -> "AnalysisTools":
        """Return the tools, built now if they have not been."""
        return build_tools(self._services.settings, build_history(self._services))

    def warm_up(self) -> None:
        """Open every session, so that the first radiograph does not wait for it."""
        self.tools.catalogue.warm_up()

    def __call__(self, path: Path, folder: Path) -> Outcome:
        """Analyse the instance at `path` into `folder`."""
        from service.analysing import analyse_file

        return analyse_file(path, folder, self.tools)


def build_listener(services: Services) -> Listener:
    """Return the DICOM listener, already listening; raises SettingsError when it cannot bind."""
    settings = services.settings
    options = ListenerOptions(
        ae_title=settings.ae_title,
        bind=settings.bind,
        port=settings.dicom_port,
        peers=tuple(CallingPeer(peer.ae_title, peer.address) for peer in settings.peers),
        check_called_ae_title=settings.check_called_ae_title,
        limits=Limits(
            maximum_object_bytes=settings.maximum_object_mb * MEGABYTE,
            reserve_bytes=settings.reserve_mb * MEGABYTE,
        ),
    )
    try:
        return start_listener(options, services.intake.accept, services.spool)
    except OSError as error:
        raise SettingsError(f"dicom_port cannot be bound ({error.strerror})") from error


def received_from_spool(path: Path) -> ReceivedInstance:
    """Return a kept file as it came, for one that a crash left without a row."""
    kept_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return received_file(path, "recovered", kept_at)


def build_processing(services: Services, analyse: Analyse | None = None) -> Processing:
    """Return what works on jobs; every process has one, for its sweep.

    Raises SettingsError when a file that the settings name is wrong, whoever will use it.
    """
    build_code_map(services.settings)
    return Processing(
        database=services.database,
        spool=services.spool,
        queue=services.queue,
        analyse=analyse or LazyAnalyse(services),
        destinations=build_destinations(services.settings),
        write_end=write_end,
    )


def write_end(folder: Path, job: Job) -> None:
    """Write the result.json of a job that ended without an analysis to tell of it."""
    from service.encoders.end import write_end as write

    write(folder, job)


def build_destinations(settings: Settings) -> Mapping[str, Route]:
    """Return the route to each destination; raises SettingsError naming a wrong one."""
    load(delivery)
    return {
        each.name: Route(each.kind, _deliverer(each, settings), profile_of(each, settings))
        for each in settings.destinations
    }


def start_sweeper(
    services: Services, processing: Processing, role: str, stopping: threading.Event
) -> threading.Thread:
    """Start the thread that rings again for stranded jobs, until `stopping` is set.

    It also publishes this process' metrics for the API to show under `role`; API means itself.
    """
    metrics = MetricsFile(services.settings.home / "metrics", role)
    works = [processing.sweep] if role == "api" else [processing.sweep, metrics.write]
    thread = threading.Thread(
        target=_repeat_until, args=(works, stopping), daemon=True, name="sweeper"
    )
    thread.start()
    return thread


def _repeat_until(works: Sequence[Callable[[], None]], stopping: threading.Event) -> None:
    while not stopping.wait(SWEEP_SECONDS):
        for work in works:
            try:
                work()
            except (OutOfResources, OSError) as error:
                log.warning("sweep_failed", **exception_fields(error))


def _deliverer(destination: Destination, settings: Settings) -> Deliverer:
    kind = DESTINATIONS.get(destination.kind)
    with _naming(f"destination {destination.name}"):
        options = kind.Options.model_validate(destination.options)
    return kind(destination.name, options, settings.ae_title)


@contextmanager
def _naming(what: str) -> Iterator[None]:
    """Say in what a wrong option stands, and which it is; never its value."""
    try:
        yield
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        )
        raise SettingsError(f"{what}: {wrong}") from error
