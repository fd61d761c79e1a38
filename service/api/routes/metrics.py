"""Prometheus' view of the service: this process, the other processes, and the database's counts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.api.access import AccessChecked
from service.api.dependencies import ServicesDependency
from service.api.documentation import problems
from service.bootstrap import Services
from service.errors import OutOfResources
from service.telemetry.metrics import PublishedMetrics

router = APIRouter(tags=["operations"], dependencies=[AccessChecked])


@router.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {}}}, **problems(401, 403)},
    response_class=Response,
)
def metrics(services: ServicesDependency) -> Response:
    """Expose counts and durations in Prometheus' text format; no label names an instance."""
    registry = CollectorRegistry()
    registry.register(PublishedMetrics(services.settings.home / "metrics", "api"))
    registry.register(StateOfTheLine(services))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class StateOfTheLine(Collector):
    """What the database and the disk say at the moment of the scrape."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering does not ask the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield what can be counted now; a part that is away reads 0 in its `_up` gauge."""
        yield _gauge("thorax_spool_free_bytes", "Free space.", self._services.spool.free_bytes())
        counts = _if_available(self._database_counts)
        yield _gauge("thorax_database_up", "Whether the database answers.", bool(counts))
        lengths = _if_available(self._queue_lengths)
        yield _gauge("thorax_broker_up", "Whether the broker answers.", bool(lengths))
        yield from counts + lengths

    def _database_counts(self) -> Iterator[Metric]:
        with self._services.database.reading() as unit:
            yield _by_label("thorax_jobs", "Jobs by state.", "state", unit.jobs.counts())
            deliveries = unit.deliveries.counts()
            yield _by_label("thorax_deliveries", "Deliveries by state.", "state", deliveries)

    def _queue_lengths(self) -> Iterator[Metric]:
        queue = self._services.queue
        waiting = {"gpu": queue.waiting_analyses(), "delivery": queue.waiting_deliveries()}
        yield _by_label("thorax_queue_waiting", "Messages not yet taken.", "queue", waiting)


def _if_available(gather: Callable[[], Iterator[Metric]]) -> tuple[Metric, ...]:
    """Return what is gathered; nothing when what it comes from is away."""
    try:
        return tuple(gather())
    except OutOfResources:
        return ()


def _by_label(name: str, documentation: str, label: str, values: Mapping[Any, int]) -> Metric:
    metric = GaugeMetricFamily(name, documentation, labels=[label])
    for key, value in values.items():
        metric.add_metric([str(key)], value)
    return metric


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)
