"""Make a table of bands from labelled volumes: `python -m training.label.filters.population`.

A volume that a label stage wrote (`NAME.npz`) is measured with the scan that an ingest stage wrote
under the same name.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tqdm import tqdm

from training.channels import Layer
from training.ingest.volume import Volume
from training.label.filters.bands import population_bands, write_bands
from training.label.filters.shape import Shape, shapes
from training.label.labelled import LabelledVolume
from training.label.rules import find_body


def population(labelled: Path, ingested: Path) -> Iterator[Mapping[str, Shape]]:
    """Yield the shapes of the known organs of every labelled volume."""
    paths = sorted(labelled.glob("*.npz"))
    for path in tqdm(paths, desc="population", unit="volume", disable=not paths):
        volume, labels = Volume.load(ingested / path.name), LabelledVolume.load(path)
        found = shapes(labels.layers[Layer.ORGANS], find_body(volume), volume.spacing_mm)
        yield {key: shape for key, shape in found.items() if key in labels.known}


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table; returns the exit status."""
    parser = argparse.ArgumentParser("population", description=__doc__)
    parser.add_argument("labelled", type=Path, help="folder of a label stage")
    parser.add_argument("ingested", type=Path, help="folder of the ingest stage it was made from")
    parser.add_argument("table", type=Path, help="CSV to write")
    options = parser.parse_args(arguments)
    bands = population_bands(population(options.labelled, options.ingested))
    write_bands(options.table, bands)
    print(f"{len(bands)} bands")  # noqa: T201 - a command's answer
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
