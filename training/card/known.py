"""What the volumes of a run could say: read from the folders of its stages."""

from pathlib import Path

from training.card.missing import Known
from training.fit.views.port import ViewSource
from training.stage import read_manifest


def known_of(work: Path, views: ViewSource) -> Known:
    """Structures that the `label` stage looked for, and channels that any training view shows."""
    volumes = read_manifest(work / "label").get("items", {}).values()
    labelled = frozenset(key for volume in volumes for key in volume.get("known", ()))
    return Known(labelled, views.shown(views.trained))
