"""One /metrics for several processes, read back with Prometheus' own parser."""

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from service.telemetry.metrics import (
    REGISTRY,
    STAGE_BUCKETS,
    MetricsFile,
    PublishedMetrics,
    observe_stages,
)


def exposed(folder: Path) -> dict[tuple[str, str, str], float]:
    """Return value by (sample, process, stage) of the stage histogram as a scraper reads it."""
    registry = CollectorRegistry()
    registry.register(PublishedMetrics(folder, "api"))
    families = text_string_to_metric_families(generate_latest(registry).decode())
    return {
        (sample.name, sample.labels["process"], sample.labels.get("stage", "")): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_bucket")
    }


def stage_count(stage: str) -> float:
    return REGISTRY.get_sample_value("thorax_stage_seconds_count", {"stage": stage}) or 0.0


def test_stages_are_counted_by_name() -> None:
    before = stage_count("decode")

    observe_stages({"decode": 0.25, "inference": 1.5})

    assert stage_count("decode") == before + 1


def test_what_another_process_published_is_added_under_its_name(tmp_path: Path) -> None:
    observe_stages({"decode": 0.25})
    MetricsFile(tmp_path, "worker").write()
    published = stage_count("decode")
    observe_stages({"decode": 0.25})

    samples = exposed(tmp_path)

    assert samples["thorax_stage_seconds_count", "worker", "decode"] == published
    assert samples["thorax_stage_seconds_count", "api", "decode"] == published + 1


def test_a_damaged_or_missing_file_does_not_fail_the_scrape(tmp_path: Path) -> None:
    (tmp_path / "listener.prom").write_text("thorax_stage_seconds_count{", encoding="utf-8")
    (tmp_path / "gone.prom").symlink_to(tmp_path / "nowhere")

    processes = {process for _, process, _ in exposed(tmp_path)}

    assert processes == {"api"}


def test_publishing_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "metrics"
    for _ in range(3):
        MetricsFile(folder, "worker").write()

    assert [path.name for path in folder.iterdir()] == ["worker.prom"]


def test_a_stage_has_buckets_for_milliseconds_and_for_a_minute() -> None:
    assert min(STAGE_BUCKETS) <= 0.01
    assert max(STAGE_BUCKETS) >= 60.0
