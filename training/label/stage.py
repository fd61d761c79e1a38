"""`label`: structures for every ingested volume, with what is not known left out by name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from service.anatomy.structures import structures_by_key
from training.executors.port import Executor
from training.ingest.volume import Volume
from training.label.atlas import Atlas
from training.label.critic.registry import DEFAULT_JUDGE, NO_CRITIC, JudgeSettings, judge_named
from training.label.critic.settle import Critic
from training.label.filters.bands import Band, default_bands, read_bands
from training.label.filters.filters import Filters
from training.label.fusion import Ensemble
from training.label.labelled import LabelledVolume
from training.label.layers import Layered, layered
from training.label.picture import write_picture
from training.label.port import MemberUnavailable, Setting, Subject
from training.label.rules import RulesFailed, apply_rules
from training.label.total_ids import EVERY_ID
from training.stage import Stage, fingerprint, read_manifest

MEMBERS = ("own", "totalsegmentator", "nnunet", "atlas", "rules", "student")
CARRIED, CRITICISED = "carried", "critic"


@dataclass(frozen=True, slots=True)
class Labelling:
    """What the recipe says about labels.

    `atlases` are subjects whose own labels are carried to the others; `distrust` names, per
    subject, keys that a look at the pictures found wrong, or shell patterns of keys (`*_rib_*`).
    `filters`: organs out of their bands are not believed; `bands` is a population's table.
    `critic` names the judge between two members that really differ, or `none`.
    """

    atlases: Sequence[str] = ()
    distrust: Mapping[str, Sequence[str]] | None = None
    members: Sequence[str] = MEMBERS
    nnunet: Path | None = None
    student: Path | None = None
    filters: bool = True
    bands: Path | None = None
    critic: str = DEFAULT_JUDGE
    judge: JudgeSettings = field(default_factory=JudgeSettings)

    def bands_used(self) -> tuple[Band, ...]:
        """Return the filters' bands; none where they are off."""
        if not self.filters:
            return ()
        return read_bands(self.bands) if self.bands is not None else default_bands()

    def settings(self) -> dict[str, Any]:
        """Return what the labels depend on, for the manifest.

        What is off is not named, so that volumes that were labelled before there were filters and
        critics, and without them, stay as they are.
        """
        settings: dict[str, Any] = {
            "atlases": list(self.atlases),
            "members": list(self.members),
            "nnunet": str(self.nnunet),
            "student": str(self.student),
        }
        if self.filters:
            settings["bands"] = fingerprint([asdict(band) for band in self.bands_used()])
        if self.critic != NO_CRITIC:
            settings["critic"] = [self.critic, self.judge.url]
        return settings


def label(
    ingested: Path, folder: Path, labelling: Labelling, executor: Executor | None = None
) -> Stage:
    """Write `<subject>.npz` (layers, known) and a picture for every ingested volume."""
    source = read_manifest(ingested)
    distrust = {k: list(v) for k, v in (labelling.distrust or {}).items()}
    keys = {f"atlas {name}": source["items"][name]["key"] for name in labelling.atlases}
    # Distrust concerns one volume, and changes that volume alone.
    items = {
        name: {**item, "key": fingerprint(item["key"], distrust.get(name, []))}
        for name, item in source["items"].items()
    }
    stage = Stage.open(folder, "label", labelling.settings(), keys, items)
    names = [name for name, item in items.items() if "failed" not in item]
    due = any(name not in stage.items for name in names)
    bench = _Bench.of(ingested, folder, labelling) if due else None

    def make(name: str) -> dict[str, Any]:
        if bench is None:
            raise RuntimeError("an item became due after the stage was opened")
        return bench.make(name, distrust.get(name, ()))

    stage.each(names, make, executor)
    return stage


@dataclass(frozen=True, slots=True)
class _Bench:
    """What the volumes of a run are labelled with; `bands` are empty where nothing is filtered."""

    ingested: Path
    folder: Path
    ensemble: Ensemble
    bands: Sequence[Band]

    @classmethod
    def of(cls, ingested: Path, folder: Path, labelling: Labelling) -> "_Bench":
        ensemble = _ensemble(ingested, folder, labelling)
        return cls(ingested, folder, ensemble, labelling.bands_used())

    def make(self, name: str, distrust: Sequence[str]) -> dict[str, Any]:
        """Write a volume's labels and picture; one that the filters refuse gets no labels."""
        volume = Volume.load(self.ingested / f"{name}.npz")
        filters = None
        if self.bands:
            filters = Filters(self.bands, matching(distrust, structures_by_key()))
        found, record = label_with(self.ensemble, name, volume, filters)
        path, picture = (self.folder / f"{name}.{kind}" for kind in ("npz", "png"))
        if found.refused is not None:
            path.unlink(missing_ok=True)  # an earlier run's
            write_picture(picture, volume, found.volume)
            return {**record, "failed": found.refused}
        gone = matching(distrust, found.volume.known)
        trusted = LabelledVolume(found.volume.layers, found.volume.known - gone)
        trusted.save(path)
        write_picture(picture, volume, trusted)
        return {**record, "known": sorted(trusted.known), "distrusted": sorted(gone)}


def matching(patterns: Iterable[str], keys: Iterable[str]) -> frozenset[str]:
    """Return the keys that fit a pattern; a pattern that fits no structure is a ValueError."""
    for pattern in patterns:
        if not any(fnmatchcase(key, pattern) for key in structures_by_key()):
            raise ValueError(f"distrust: no structure is called {pattern!r}")
    return frozenset(key for key in keys if any(fnmatchcase(key, p) for p in patterns))


def _ensemble(ingested: Path, folder: Path, labelling: Labelling) -> Ensemble:
    atlases = {}
    for name in labelling.atlases:
        volume = Volume.load(ingested / f"{name}.npz")
        known = volume.label_ids or EVERY_ID | {118}
        atlases[name] = Atlas.of(volume, known)
    setting = Setting(atlases, labelling.nnunet, labelling.student, folder / CARRIED)
    return Ensemble.of(labelling.members, setting, _critic(folder, labelling))


def _critic(folder: Path, labelling: Labelling) -> Critic | None:
    if labelling.critic == NO_CRITIC:
        return None
    return Critic(judge_named(labelling.critic, labelling.judge), folder / CRITICISED)


def label_with(
    ensemble: Ensemble, name: str, volume: Volume, filters: Filters | None = None
) -> tuple[Layered, dict[str, Any]]:
    """Return one volume's labels and what the manifest says of them.

    Raises `RulesFailed` for what is no chest with two lungs, `MemberUnavailable` when nobody could
    label it.
    """
    subject = Subject(name, volume, apply_rules(volume))
    fused = ensemble.label(subject)
    found = layered(fused.labels, fused.known, volume, subject.rules, filters)
    decisions = list(fused.settled.values())
    record = {
        "silent": dict(fused.silent),
        "agreement": {str(label): value for label, value in fused.agreement.items()},
        "notes": {member: dict(notes) for member, notes in fused.notes.items()},
        "unknown": dict(found.unknown),
        "repaired": list(found.notes),
        "critic": {
            d.key: {"chosen": d.chosen, "undecided": d.undecided, "dice": round(d.dice, 3)}
            for d in decisions
        },
        "remarks": [
            *(f"{key}: {reason}" for key, reason in sorted(found.filtered.items())),
            *(decision.in_words() for decision in decisions),
        ],
    }
    return found, record


def label_volume(volume: Volume, atlases: Mapping[str, Atlas] | None = None) -> LabelledVolume:
    """Structures of one volume alone: its own labels where it has them, atlases, rules.

    Neither filtered nor criticised.
    """
    ensemble = Ensemble.of(("own", "atlas", "rules"), Setting(atlases or {}))
    return label_with(ensemble, "", volume)[0].volume


__all__ = [
    "Labelling",
    "MemberUnavailable",
    "RulesFailed",
    "label",
    "label_volume",
    "label_with",
]
