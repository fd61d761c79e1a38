"""`plausible`: what the service's plausibility rule sees in a picture, to choose limits by."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from service.imaging.read import read_header, read_image
from service.inference.manifest import Plausibility, read_package
from service.inference.plausibility import check_plausible
from service.inference.session import Segmenter
from training.evaluate.films import read_film, segment

EVERYTHING = Plausibility(
    minimum_lung_field_fraction=0,
    maximum_lung_field_fraction=1,
    minimum_heart_fraction=0,
    minimum_probability=0,
)


def plausibility_values(
    package: Path, paths: Iterable[Path]
) -> Iterator[tuple[Path, dict[str, float]]]:
    """Each picture (DICOM, or PNG and JPEG) with the values that the rule compares."""
    segmenter = Segmenter(read_package(package), ["CPUExecutionProvider"])
    for path in paths:
        yield path, _values(segmenter, path)


def _values(segmenter: Segmenter, path: Path) -> dict[str, float]:
    is_dicom = path.suffix.lower() not in {".png", ".jpg", ".jpeg"}
    pixels = read_image(path, read_header(path)).pixels if is_dicom else read_film(path)
    checks = check_plausible(segment(segmenter, pixels), EVERYTHING)
    return {check.check: float(check.value) for check in checks if isinstance(check.value, float)}
