"""`export`: the checkpoints of a run become packages, each written once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tqdm import tqdm

from service.inference.manifest import sha256_of
from training.export.package import Exported, PackageFacts, export_package
from training.stage import Stage, StageFailed, read_manifest


@dataclass(frozen=True, slots=True)
class Wanted:
    """One package: from which checkpoint, and where it goes."""

    checkpoint: Path
    home: Path


def export_packages(
    fitted: Path,
    folder: Path,
    wanted: Mapping[str, Wanted],
    settings: Mapping[str, Any],
    facts: Callable[[str], PackageFacts],
) -> dict[str, Path]:
    """Write the packages that are not there yet, by name; returns where each lies.

    Raises StageFailed with the reasons when one fails.

    fitted: folder of the `fit` stage. folder: of this stage. facts: asked for a package only when
    it is written.
    """
    inputs = {"fit": read_manifest(fitted)["fingerprint"]}
    inputs |= {name: sha256_of(each.checkpoint) for name, each in wanted.items()}
    stage = Stage.open(folder, "export", settings, inputs)

    def make(name: str) -> dict[str, Any]:
        exported = export_package(wanted[name].checkpoint, wanted[name].home, facts(name))
        return _told(exported)

    summary = stage.each(wanted, make)
    if summary.failed:
        raise StageFailed(summary.as_text())
    return {name: each.home for name, each in wanted.items()}


def _told(exported: Exported) -> dict[str, Any]:
    """What the stage's manifest keeps; the lines about variants are also shown."""
    lines = [str(each) for each in exported.variants]
    for line in lines:
        tqdm.write(f"{exported.folder}: {line}")
    files = [str((exported.folder / "manifest.yaml").resolve())]
    return {"files": files, "parity": exported.parity, "variants": lines}
