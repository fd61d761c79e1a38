"""Where a package goes: never over one that another run made.

Results name a model by its name and version; other weights under the same would make them lie.
"""

import json
from pathlib import Path

from training.durable import write_json
from training.stage import StageFailed

HOMES = "homes.json"


class HomeTaken(StageFailed):
    """The folder of a package's name and version holds one from elsewhere."""


def claim(home: Path, exports: Path) -> None:
    """Note in `exports`, the folder of the export stage, that `home` is where it writes.

    Asked before the first stage, so that nobody trains for hours towards a refusal. Raises
    HomeTaken where a package lies that was there before this work folder asked for its place. Kept
    beside the stage's manifest, which forgets what it made as soon as a setting changes.
    """
    claimed = _claimed(exports)
    place = str(home.resolve())
    if place in claimed:
        return
    if (home / "manifest.yaml").exists():
        raise HomeTaken(
            f"{home} holds a package that this work folder did not make. Results name a model by "
            "its name and version: raise export.version, or write elsewhere with --models"
        )
    exports.mkdir(parents=True, exist_ok=True)
    write_json(exports / HOMES, [*claimed, place])


def _claimed(exports: Path) -> list[str]:
    path = exports / HOMES
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
