"""The verbs `volumes` and `download`: what the gates say of a folder, and getting a collection."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add_commands(commands: Any) -> None:  # noqa: ANN401 - argparse keeps the type to itself
    """Add both verbs to the parser of `thorax-train`."""
    volumes = commands.add_parser("volumes", help="print what every gate says of a folder of CTs")
    volumes.add_argument("folder", type=Path)
    volumes.add_argument("--layout", default="folder", help="see docs/training-data.md")
    volumes.add_argument("--spacing", type=float, default=1.5, help="mm, as in the recipe")
    volumes.set_defaults(call=_volumes)
    download = commands.add_parser("download", help="get a collection from the IDC (idc-index)")
    download.add_argument("collection", help="e.g. lidc_idri or COVID-19-AR")
    download.add_argument("--out", type=Path, required=True)
    download.add_argument("--limit", type=int, help="at most so many series")
    download.set_defaults(call=_download)


def _volumes(options: argparse.Namespace) -> int:
    from training.ingest.layout import Request, candidates
    from training.ingest.pseudonym import Pseudonyms
    from training.ingest.report import heading, line

    found = candidates(options.layout, Request(options.folder, Pseudonyms(bytes(32))))
    print(heading())  # noqa: T201
    for candidate in found:
        print(line(candidate, options.spacing), flush=True)  # noqa: T201
    return 0


def _download(options: argparse.Namespace) -> int:
    from training.ingest.download import DownloadFailed, download

    try:
        count = download(options.collection, options.out, options.limit)
    except DownloadFailed as failure:
        print(f"thorax-train: {failure}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"{count} series in {options.out}")  # noqa: T201
    return 0
