"""Reads a site's code map, a TOML file that docs/settings.md describes; wrong ones stop the start.

Light to import: every process checks the file when it starts.
"""

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from service.domain.segmentation import Code
from service.encoders.code_map import CodeMap, Scheme
from service.errors import ServiceError

_OURS = "99THORAX"
_PRIVATE = "99"
Short = Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[^\\\x00-\x1f]+$")]
Long = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\\\x00-\x1f]+$")]
OurCode = Annotated[str, StringConstraints(pattern=r"^[^:]{1,16}:[^:]{1,16}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(_[a-z0-9]+)*$")]
UIDText = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$", max_length=64)]


class CodeMapError(ServiceError):
    """The code map is wrong; the text says where and why."""

    code = "code_map"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _SiteCode(_Part):
    value: Short
    scheme: Short
    meaning: Long


class _SiteScheme(_Part):
    name: Long
    responsible_organization: Long
    version: Short | None = None
    uid: UIDText | None = None


class _File(_Part):
    codes: dict[OurCode, _SiteCode] = Field(default_factory=dict)
    names: dict[Key, Long] = Field(default_factory=dict)
    schemes: dict[Short, _SiteScheme] = Field(default_factory=dict)


def read_code_map(path: Path) -> CodeMap:
    """Return the map in the file at `path`; raises CodeMapError."""
    try:
        file = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise CodeMapError(f"{path}: cannot be read ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CodeMapError(f"{path}: {error}") from error
    except ValidationError as error:
        raise CodeMapError(f"{path}: {_explanation(error)}") from error
    _check(file, path)
    return _code_map(file)


def _check(file: _File, path: Path) -> None:
    """Refuse private schemes of nobody, codes of ours as the site's, and chains of replacements."""
    for ours, site in file.codes.items():
        where = f"{path}: codes.{ours}"
        if site.scheme == _OURS or f"{site.scheme}:{site.value}" in file.codes:
            raise CodeMapError(f"{where}: is replaced by a code that is one of ours")
        if site.scheme.startswith(_PRIVATE) and site.scheme not in file.schemes:
            raise CodeMapError(f"{where}: the private scheme {site.scheme} is not under schemes")


def _code_map(file: _File) -> CodeMap:
    codes = (
        ((ours.split(":")[0], ours.split(":")[1]), Code(site.value, site.scheme, site.meaning))
        for ours, site in sorted(file.codes.items())
    )
    schemes = (
        Scheme(key, each.name, each.responsible_organization, each.version, each.uid)
        for key, each in sorted(file.schemes.items())
    )
    return CodeMap(tuple(codes), tuple(sorted(file.names.items())), tuple(schemes))


def _explanation(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
        for problem in error.errors(include_input=False)
    )
