"""`thorax models list` and `thorax models check`."""

from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from service.errors import ModelPackageError
from service.inference.manifest import ModelPackage, read_package
from service.inference.packages import find_packages
from service.inference.session import Segmenter
from service.settings import Settings

GOLDEN_THRESHOLD = 0.5


def list_models(settings: Settings, console: Console) -> None:
    """Print one line per package."""
    table = Table("model", "version", "views", "segments", "weights", title=str(settings.models))
    for package in find_packages(settings.models, settings.precision):
        manifest = package.manifest
        table.add_row(
            manifest.name,
            manifest.version,
            " ".join(manifest.eligible.views),
            str(len(package.labels)),
            package.weights.sha256[:12],
        )
    console.print(table)


def check_model(folder: Path, settings: Settings, console: Console) -> int:
    """Check the package in `folder`; return the exit status."""
    try:
        package = read_package(folder)
        console.print("manifest, labels and weights hash: as stated")
        segmenter = Segmenter(package, settings.providers)
        console.print(f"graph: opened with {', '.join(segmenter.providers)}")
        difference = golden_difference(package, segmenter)
    except ModelPackageError as error:
        console.print(f"{error.code}: {error.text}", style="red", markup=False)
        return 1
    tolerance = package.manifest.golden.tolerance
    console.print(f"golden input: {difference:.6f} of all pixels differ, {tolerance} are allowed")
    return 0 if difference <= tolerance else 1


def golden_difference(package: ModelPackage, segmenter: Segmenter) -> float:
    """Return the share of pixels whose mask differs from the recorded one.

    The input is on the model's grid already, uint8 (size, size); the expected masks are those
    above one half, bits packed along the columns, under the key `masks`.
    """
    golden = package.manifest.golden
    pixels = np.load(package.folder / golden.input).astype(np.float32) / 255
    with np.load(package.folder / golden.expected) as expected:
        masks = np.unpackbits(expected["masks"], axis=-1).astype(np.bool_)
    found = segmenter.probabilities(pixels[None, None])[0] >= GOLDEN_THRESHOLD
    if found.shape != masks.shape:
        raise ModelPackageError("golden masks have another shape", code="golden_invalid")
    return float(np.mean(found != masks))
