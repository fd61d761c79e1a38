"""`card`: model_card.md and the manifest's metrics, from what the stages of a run left behind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from service.anatomy.structures import structures_by_key
from service.domain.image import ViewPosition
from service.inference.manifest import ModelManifest, ModelPackage, read_package
from training.card.missing import Known, Missing, missing_labels, never_seen
from training.card.scores import classes_table, unscored, weak_classes
from training.channels import UNIONS
from training.evaluate.report import as_table

POOR_IOU = 0.5
TEMPLATE = "card.md.j2"
THIS = "this package"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a run knows of a package and the package does not.

    scores: what `evaluate` found, by title; this package's is under `this package`. score_from and
    score_to: ids of the films. held_out: subjects that were used for scores alone.
    """

    experiment: str
    network: str
    phases: Sequence[str]
    has_films: bool
    held_out: Sequence[str]
    score_from: int
    score_to: int
    known: Known
    scores: Mapping[str, Mapping[str, Any]]


def write_card(folder: Path, facts: CardFacts) -> Path:
    """Write model_card.md, and into manifest.yaml the figures that it quotes; returns the card."""
    _write_metrics(folder, facts.scores)
    path = folder / "model_card.md"
    path.write_text(card_text(read_package(folder), facts), encoding="utf-8")
    return path


def card_text(package: ModelPackage, facts: CardFacts) -> str:
    """The card in Markdown."""
    loader = PackageLoader("training.card", ".")
    environment = Environment(  # noqa: S701 - Markdown, not HTML
        loader=loader, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(TEMPLATE).render(**_about(package), **_run(package, facts))


def _about(package: ModelPackage) -> dict[str, Any]:
    manifest, keys = package.manifest, [label.key for label in package.labels]
    unions = {union.key for union in UNIONS}
    return {
        "name": manifest.name,
        "version": manifest.version,
        "lateral": is_lateral(package),
        "trained_on": manifest.trained_on,
        "size": manifest.input.size,
        "stride": manifest.output.stride,
        "channels": len(keys),
        "taught": len([key for key in keys if key not in unions]),
        "files": list(_files(package)),
        "have": keys,
        "supported": len([key for key in keys if structures_by_key()[key].cxas_name is not None]),
        "groups": _groups(keys),
    }


def _run(package: ModelPackage, facts: CardFacts) -> dict[str, Any]:
    keys = [label.key for label in package.labels]
    summaries = {
        title: each["summary"] for title, each in facts.scores.items() if "summary" in each
    }
    own = facts.scores.get(THIS, {})
    missing = missing_labels(keys, facts.known, lateral=is_lateral(package))
    return {
        "experiment": facts.experiment,
        "network": facts.network,
        "phases": facts.phases,
        "has_films": facts.has_films,
        "held_out": facts.held_out,
        "score_from": facts.score_from,
        "score_to": facts.score_to,
        "scored": bool(facts.scores),
        "films_table": as_table(summaries) if summaries else "",
        "class_tables": dict(_class_tables(own)),
        "unseen": never_seen(keys, facts.known),
        "missing": _by_reason(missing),
        "weak": [f"{key} (IoU {iou:.2f})" for key, iou in weak_classes(own, POOR_IOU)],
        "unscored": unscored(keys, own),
    }


def is_lateral(package: ModelPackage) -> bool:
    """Whether the package reads lateral views."""
    return ViewPosition.LATERAL in package.manifest.eligible.views


def _class_tables(scores: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if scores.get("summary", {}).get("classes"):
        yield "Per class, on real films", classes_table(scores["summary"]["classes"], "films")
    if "views" in scores:
        iou = scores["views"]["mean_iou"]
        title = f"Per class, on projections of held-out volumes: mean IoU {iou:.3f}"
        yield title, classes_table(scores["views"]["classes"], "views")


def _groups(keys: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(structures_by_key()[key].group, []).append(key)
    return groups


def _by_reason(missing: Sequence[Missing]) -> dict[str, list[str]]:
    reasons: dict[str, list[str]] = {}
    for each in missing:
        reasons.setdefault(each.reason, []).append(each.structure.cxas_name or each.structure.key)
    return reasons


def _files(package: ModelPackage) -> Iterator[dict[str, Any]]:
    weights = package.manifest.weights
    stated = {"fp32": (weights.file, None)} | {
        precision.value: (variant.file, variant) for precision, variant in weights.variants.items()
    }
    for precision, (file, variant) in stated.items():
        lost = variant.lost_iou if variant else None
        yield {
            "file": file,
            "precision": precision,
            "preferred": precision == weights.preferred,
            "megabytes": (package.folder / file).stat().st_size / 1e6,
            "difference": f"{variant.difference:.4f}" if variant else "-",
            "lost": "-" if lost is None else f"{lost:.4f}",
        }


def _write_metrics(folder: Path, scores: Mapping[str, Mapping[str, Any]]) -> None:
    """Put the summaries without single films into the manifest: they decide no result."""
    path = folder / "manifest.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["metrics"] = {title: _figures(each) for title, each in scores.items()}
    ModelManifest.model_validate(content)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    path.write_text(text, encoding="utf-8")


def _figures(scores: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in scores.get("summary", {}).items() if key != "classes"}
    if "views" in scores:
        kept["projections_mean_iou"] = round(scores["views"]["mean_iou"], 4)
        kept["projections"] = scores["views"]["views"]
    return kept
