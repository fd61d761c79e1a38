"""Prometheus instruments of one process, and the file by which other processes' are collected.

No label holds an identifier: labels are states, codes, stages and route templates, all of them
closed sets, so that a metric can neither name a patient nor grow without bound.

Listener, API and workers are separate processes but there is one `/metrics`. Each other process
writes its own text file (`MetricsFile`) into a shared folder, and the API adds them to its answer
with a `process` label (`PublishedMetrics`), as node_exporter does with its text files.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    write_to_textfile,
)
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

# The time at which a counter was made doubles every series and says nothing that uptime does not.
disable_created_metrics()

REGISTRY = CollectorRegistry(auto_describe=True)

STAGE_BUCKETS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0)

LOG_FIELDS_DROPPED = Counter(
    "thorax_log_fields_dropped",
    "Log fields that were not on the allow-list and so were not printed.",
    registry=REGISTRY,
)
INSTANCES_RECEIVED = Counter(
    "thorax_instances_received",
    "SOP Instances offered by C-STORE or REST, by protocol and outcome code.",
    ("protocol", "outcome"),
    registry=REGISTRY,
)
STAGE_SECONDS = Histogram(
    "thorax_stage_seconds",
    "Seconds per stage of the analysis of one radiograph.",
    ("stage",),
    buckets=STAGE_BUCKETS,
    registry=REGISTRY,
)
DELIVERY_ATTEMPTS = Counter(
    "thorax_delivery_attempts",
    "Attempts to deliver a result, by destination kind and outcome code.",
    ("kind", "outcome"),
    registry=REGISTRY,
)
DELIVERED_INSTEAD = Counter(
    "thorax_delivered_instead",
    "Deliveries in which the peer got something else than the wanted object in its best form.",
    registry=REGISTRY,
)
HTTP_REQUESTS = Counter(
    "thorax_http_requests",
    "HTTP requests by method, route template and status.",
    ("method", "route", "status"),
    registry=REGISTRY,
)
HTTP_SECONDS = Histogram(
    "thorax_http_seconds",
    "Seconds until the answer was complete, by route template.",
    ("route",),
    buckets=STAGE_BUCKETS,
    registry=REGISTRY,
)


def observe_stages(seconds: Mapping[str, float]) -> None:
    """Count the seconds per stage of one analysis (`Analysis.timings`)."""
    for stage, value in seconds.items():
        STAGE_SECONDS.labels(stage).observe(value)


def count_delivery(kind: str, outcome: str, *, as_wanted: bool = True) -> None:
    """Count an attempt to deliver: the destination's kind, `delivered` or the reason's code."""
    DELIVERY_ATTEMPTS.labels(kind, outcome).inc()
    if not as_wanted:
        DELIVERED_INSTEAD.inc()


class MetricsFile:
    """The published metrics of this process.

    One file per role and not per process id, so that files do not pile up: a restart begins
    at zero, which Prometheus knows as a counter reset.
    """

    def __init__(self, folder: Path, role: str) -> None:
        self._path = folder / f"{role}.prom"

    def write(self) -> None:
        """Replace the file by the present values, atomically; call it after each unit of work."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_to_textfile(str(self._path), REGISTRY)


class PublishedMetrics(Collector):
    """The metrics of this process and of those that published theirs in `folder`.

    Each sample is labelled with the role of its process; one name is one metric, as the text
    format demands.
    """

    def __init__(self, folder: Path, role: str) -> None:
        self._folder = folder
        self._role = role

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what other processes publish is known only when they have."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Return one metric per name, with the samples of all processes."""
        merged: dict[str, Metric] = {}
        for role, family in self._families():
            target = merged.setdefault(
                family.name, Metric(family.name, family.documentation, family.type)
            )
            for sample in family.samples:
                target.add_sample(sample.name, {**sample.labels, "process": role}, sample.value)
        return merged.values()

    def _families(self) -> Iterator[tuple[str, Metric]]:
        for family in REGISTRY.collect():
            yield self._role, family
        for path in sorted(self._folder.glob("*.prom")):
            for family in _parsed(path):
                yield path.stem, family


def _parsed(path: Path) -> list[Metric]:
    """Return the file's metrics; none when it is gone or damaged: a scrape must not fail."""
    try:
        return list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []
