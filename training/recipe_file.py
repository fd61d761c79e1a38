"""An experiment file may say only what it changes of another one: its `base`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

BASE = "base"


def read_content(path: Path) -> Any:  # noqa: ANN401 - what YAML gives; checked by the caller
    """The content of a recipe, laid over that of its `base`, a path beside it.

    Mappings are merged key by key, anything else replaces what the base says, and null takes a key
    of the base away. Raises OSError and
    yaml.YAMLError; ValueError where files are based on each other in a circle.
    """
    return _read(path, ())


def _read(path: Path, seen: tuple[Path, ...]) -> Any:  # noqa: ANN401
    here = path.resolve()
    if here in seen:
        raise ValueError("recipes are based on each other in a circle")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or BASE not in content:
        return content
    below = _read(path.parent / str(content.pop(BASE)), (*seen, here))
    return merged(below, content) if isinstance(below, dict) else content


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` laid over `below`; neither is changed."""
    result = dict(below)
    for key, value in above.items():
        if value is None:
            result.pop(key, None)
            continue
        under = result.get(key)
        both = isinstance(under, Mapping) and isinstance(value, Mapping)
        result[key] = merged(under, value) if both else value  # type: ignore[arg-type]
    return result
