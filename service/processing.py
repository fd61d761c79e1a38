"""The work on a job: claim it, analyse or deliver, record the end in one transaction."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from structlog.contextvars import bound_contextvars

from service.domain.analysis import Reason
from service.domain.delivering import AS_WANTED, DEFAULT_FAMILY, Offer, Profile, Sent
from service.domain.identifiers import JobId
from service.domain.job import Delivery, DeliveryState, Job, JobState, Lease
from service.domain.outbox import families_left, first_of_each
from service.domain.outcome import Outcome
from service.errors import LeaseLost, OutOfResources, PeerRefused, ServiceError
from service.persistence.heartbeat import Heartbeat
from service.persistence.session import Database, Unit
from service.persistence.spool import Spool
from service.queue import JobQueue
from service.telemetry.logging import exception_fields, get_logger
from service.telemetry.metrics import count_delivery

log = get_logger(__name__)

LEASE_SECONDS = 15.0
HEARTBEAT_SECONDS = 5.0
SWEEP_SECONDS = 5.0
JOBS_PER_SWEEP = 100
LONGEST_QUEUE = 1000
"""Beyond this many rings the queue has surely lost none, and more would only fill the broker."""

UNKNOWN_DESTINATION = Reason("unknown_destination", "no destination of this name is configured")

Analyse = Callable[[Path, Path], Outcome]
"""An instance's file and an empty folder for the results -> how it ended (`analyse_file`)."""

WriteEnd = Callable[[Path, Job], None]
"""Writes `result.json` into a folder for a job that ended without an analysis to tell of it."""


class Deliverer(Protocol):
    """What is needed of a configured destination."""

    def deliver(self, offer: Offer) -> Sent:
        """Return what was sent when the peer has it; raises PeerError (again) or PeerRefused."""


@dataclass(frozen=True, slots=True)
class Route:
    """One configured destination: its kind, the way there, and what it wants."""

    kind: str
    deliverer: Deliverer
    profile: Profile


@dataclass(frozen=True, slots=True)
class Processing:
    """What workers do. `destinations` maps each name to its route."""

    database: Database
    spool: Spool
    queue: JobQueue
    analyse: Analyse
    destinations: Mapping[str, Route]
    write_end: WriteEnd

    def run_analysis(self, job_id: JobId) -> None:
        """Analyse the job's instance if it is due and nobody else has it; else do nothing.

        Whatever goes wrong ends the attempt, never the worker; the job is queued again, or dead
        after its last attempt. A result that comes too late (LeaseLost) is thrown away.
        """
        claimed = self._claim(job_id)
        if claimed is None:
            return
        lease, job = claimed
        with bound_contextvars(job_id=job_id, attempt=lease.attempt), self._discarding(lease):
            log.info("analysis_started")
            try:
                with Heartbeat(lambda: self._renew(lease), HEARTBEAT_SECONDS):
                    outcome = self.analyse(
                        self.spool.instance_path(job), self.spool.staging_folder(lease)
                    )
                    self.spool.settle(lease)
                self._record(lease, outcome)
            except LeaseLost:
                log.warning("analysis_came_too_late")
            except Exception as error:  # noqa: BLE001 - the edge of an attempt
                self._fail(lease, error)

    def run_delivery(self, job_id: JobId) -> None:
        """Deliver what is due of the job's results; the last delivery to end also ends the job."""
        with bound_contextvars(job_id=job_id):
            while (delivery := self._next_delivery(job_id)) is not None:
                self._attempt(delivery)

    def sweep(self) -> None:
        """End jobs whose attempts are used up, and ring again for what waits too long.

        Meant for every process, each SWEEP_SECONDS; they do not get in each other's way.
        Never raises: whatever is wrong now is logged, and the next sweep comes.
        """
        try:
            self._sweep()
        except OutOfResources as error:
            log.warning("sweep_failed", code=error.code)
        except Exception:
            log.exception("sweep_failed")

    def _sweep(self) -> None:
        self._bury_exhausted()
        if self.queue.waiting_analyses() < LONGEST_QUEUE:
            with self.database.unit() as unit:
                stranded = unit.jobs.stranded(JOBS_PER_SWEEP)
            for job_id in stranded:
                self.queue.ring_analysis(job_id)
        if self.queue.waiting_deliveries() < LONGEST_QUEUE:
            with self.database.unit() as unit:
                stranded = unit.jobs.stranded_deliveries(JOBS_PER_SWEEP)
            for job_id in stranded:
                self.queue.ring_delivery(job_id)

    def _claim(self, job_id: JobId) -> tuple[Lease, Job] | None:
        with self.database.unit() as unit:
            lease = unit.jobs.claim(job_id, _worker_name(), LEASE_SECONDS)
            job = unit.jobs.get(job_id)
        return (lease, job) if lease and job else None

    def _renew(self, lease: Lease) -> None:
        with self.database.unit() as unit:
            unit.jobs.renew(lease, LEASE_SECONDS)

    def _record(self, lease: Lease, outcome: Outcome) -> None:
        """State, model, outbox and results folder change together, or not at all."""
        wanted = {
            name: first_of_each(route.profile, outcome.objects)
            for name, route in sorted(self.destinations.items())
        }
        delivers = any(wanted.values())
        state = JobState.DELIVERING if delivers else outcome.state
        with self.database.unit() as unit:
            unit.jobs.finish(lease, state, outcome.reason, outcome.model)
            for destination, objects in wanted.items():
                unit.deliveries.add(lease.job_id, destination, objects)
            if outcome.film is not None:
                unit.films.add(lease.job_id, outcome.film)
            self.spool.promote(lease)
        log.info("analysis_ended", state=state, code=outcome.reason and outcome.reason.code)
        if delivers:
            self._ring_delivery(lease.job_id)

    def _fail(self, lease: Lease, error: Exception) -> None:
        log.error("analysis_failed", fence=lease.fence, **exception_fields(error))
        try:
            with self.database.unit() as unit:
                state = unit.jobs.requeue(lease, _reason_of(error))
                if state is JobState.DEAD:
                    self._write_end(unit, lease.job_id)
        except (LeaseLost, OutOfResources) as later:
            log.warning("job_left_to_its_lease", code=later.code)

    def _bury_exhausted(self) -> None:
        with self.database.unit() as unit:
            for job in unit.jobs.bury_exhausted(JOBS_PER_SWEEP):
                log.error("job_dead", job_id=job.id, attempts=job.attempts)
                self._write_end(unit, job.id)

    def _write_end(self, unit: Unit, job_id: JobId) -> None:
        """Say it in the results folder too; failing to must not keep the job from its end."""
        job = unit.jobs.get(job_id)
        if job is None:
            return
        try:
            folder = self.spool.result_folder(job_id)
            folder.mkdir(exist_ok=True)
            self.write_end(folder, job)
        except Exception:
            log.exception("end_not_written")  # the row says it already

    def _ring_delivery(self, job_id: JobId) -> None:
        try:
            self.queue.ring_delivery(job_id)
        except OutOfResources as error:
            log.warning("ring_failed", code=error.code)

    def _next_delivery(self, job_id: JobId) -> Delivery | None:
        with self.database.unit() as unit:
            return unit.deliveries.claim_next(job_id, LEASE_SECONDS)

    def _attempt(self, delivery: Delivery) -> None:
        names = {"delivery_id": delivery.id, "destination": delivery.destination}
        with bound_contextvars(**names, kind=delivery.kind, attempt=delivery.attempts):
            try:
                with Heartbeat(lambda: self._keep(delivery), HEARTBEAT_SECONDS):
                    result = self._deliver(delivery)
                self._record_delivery(delivery, result)
            except LeaseLost:
                log.warning("delivery_came_too_late")

    def _keep(self, delivery: Delivery) -> None:
        with self.database.unit() as unit:
            unit.deliveries.renew(delivery, LEASE_SECONDS)

    def _deliver(self, delivery: Delivery) -> Sent | Exception:
        """Return what the peer has now, else why it has nothing."""
        route = self.destinations.get(delivery.destination)
        if route is None:
            return ServiceError(UNKNOWN_DESTINATION.text, code=UNKNOWN_DESTINATION.code)
        try:
            return route.deliverer.deliver(self._offer(delivery, route.profile))
        except Exception as error:  # noqa: BLE001 - the edge of an attempt
            return error

    def _offer(self, delivery: Delivery, profile: Profile) -> Offer:
        with self.database.reading() as unit:
            siblings = unit.deliveries.of_job(delivery.job_id)
        names = families_left(delivery, siblings, profile)
        made = (self.spool.family(delivery.job_id, name) for name in names)
        families = tuple(family for family in made if family.files)
        own = self.spool.family(delivery.job_id, DEFAULT_FAMILY)
        return Offer(delivery.kind, families or (own,), profile)

    def _record_delivery(self, delivery: Delivery, result: Sent | Exception) -> None:
        failure = result if isinstance(result, Exception) else None
        with self.database.unit() as unit:
            state = _recorded(unit, delivery, result)
            ended = unit.jobs.end_delivering(delivery.job_id)
            if state is DeliveryState.WAITING:
                unit.jobs.forget_ring(delivery.job_id)
        route = self.destinations.get(delivery.destination)
        _count(route.kind if route else "unknown", result)
        told = exception_fields(failure) if failure else {}
        log.info("delivery_attempted", state=state, **told)
        if ended is not None:
            log.info("job_ended", state=ended)

    @contextmanager
    def _discarding(self, lease: Lease) -> Iterator[None]:
        try:
            yield
        finally:
            self.spool.discard(lease)


def _recorded(unit: Unit, delivery: Delivery, result: Sent | Exception) -> DeliveryState:
    if isinstance(result, Sent):
        unit.deliveries.delivered(delivery, result)
        return DeliveryState.DELIVERED
    if isinstance(result, PeerRefused):
        unit.deliveries.bury(delivery, _reason_of(result))
        return DeliveryState.DEAD
    return unit.deliveries.postpone(delivery, _reason_of(result))


def _count(kind: str, result: Sent | Exception) -> None:
    if isinstance(result, Sent):
        count_delivery(kind, "delivered", as_wanted=result.why.code == AS_WANTED)
    else:
        count_delivery(kind, _reason_of(result).code)


def _reason_of(error: Exception) -> Reason:
    """Return the error's own code and text.

    Of an unexpected one only the class: its text may quote what it stumbled over.
    """
    if isinstance(error, ServiceError):
        return Reason(error.code, error.text)
    if isinstance(error, MemoryError):
        return Reason(OutOfResources.code, "the memory did not suffice")
    return Reason(ServiceError.code, f"unexpected {type(error).__name__}")


def _worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"
