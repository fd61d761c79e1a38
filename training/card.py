"""`card`: model_card.md of a package, from its manifest and what the recipe states."""

from pathlib import Path
from typing import Any

from service.inference.manifest import ModelPackage, read_package
from training.channels import TRAINED, Kind

TEXT = """# {name} {version}

Finds anatomical structures on frontal chest radiographs (PA and AP). Not a medical device; every
result is automatic and unverified.

## Intended use

Research, measurement of the cardiothoracic ratio under supervision, quality checks, and as a
starting point for other models. Adults, standing or sitting, one frontal projection. It is not
meant for diagnosis, for children, for lateral views or for deciding anything without a reader.

## What it was trained on

| data | licence | use | subjects |
| --- | --- | --- | --- |
{data}

No image of a scoring set was trained on. For version 0.1.0 the scores below were looked at between
phases and decided when to stop, so they are slightly hopeful; docs/training.md has each of them.

## How it works

A SegResNet behind a 2 x 2 pixel unshuffle, {size} x {size} pixels, sigmoid per channel, trained on
perspective projections of labelled CT volumes (random pose, breath, heart size, exposure) and on
films with human masks of lung fields and heart. Channels that a source says nothing about give no
gradient. Details: docs/training.md.

## Scores

{scores}

Films 130 to 258 of the frontal set with human masks; brackets are 95 % bootstrap intervals over
films. CTR: cardiothoracic ratio as the service measures it, against the published value. The row
"projections alone" is the same network after the phase that saw no human mask.

Repeat: `thorax-train evaluate models/{name}/{version} --films FOLDER`

## Gates

What the service asks of a picture before it measures, with which limits, and how often it is right:
docs/gates.md.

## Channels

| key | present where the ray crosses at least |
| --- | --- |
{channels}

`right_lung_field` and `left_lung_field` leave out what lies behind the heart, the opaque
mediastinum and below the dome of the diaphragm. `ribs` is the union of all ribs, front and back.
`left_hemidiaphragm` and `right_hemidiaphragm` are the regions below the domes, not lines.

## Limits

- Only lungs, lung fields and heart were scored on real films. All other channels come from
  projections of CT scans with raised arms and were checked by eye only.
- One volume carries expert labels; heart, aorta and bones of the others are carried over from it by
  registration and are less exact.
- `ribs` comes out as the region that ribs cover, not rib by rib; `right_lung` may show a thin strip
  in the neck, a fault of one training volume.
- Collapsed, resected or opaque lungs, large effusions, children, strong rotation and devices that
  hide anatomy make masks unreliable. A displaced organ is drawn where it usually lies.
- Left and right are the patient's as long as the picture is not mirrored; a mirror image is mostly
  recognised, and cannot be told from situs inversus.
"""


def write_card(folder: Path, table: str) -> Path:
    """Write model_card.md beside the manifest."""
    package = read_package(folder)
    path = folder / "model_card.md"
    path.write_text(TEXT.format(**_facts(package, table)), encoding="utf-8")
    return path


def _facts(package: ModelPackage, table: str) -> dict[str, Any]:
    manifest = package.manifest
    data = [
        f"| {d.dataset} | {d.licence} | {d.split} | {d.subjects} |" for d in manifest.trained_on
    ]
    keys = {label.key for label in package.labels}
    channels = [
        f"| {c.key} | {c.minimum_path_mm:g} mm |"
        for c in TRAINED
        if c.key in keys and c.kind is Kind.PROJECTED
    ]
    return {
        "name": manifest.name,
        "version": manifest.version,
        "size": manifest.input.size,
        "data": "\n".join(data),
        "scores": table,
        "channels": "\n".join(channels),
    }
