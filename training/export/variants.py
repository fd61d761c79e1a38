"""Other precisions of the same graph: written, measured, and kept only where they cost little."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.inference.manifest import sha256_of
from service.inference.weights import Precision, Variant
from training.export.golden import Golden, difference
from training.export.halves import write_halved
from training.export.quantised import Picture, mean_iou, write_quantised

MOST_LOST = 0.005
"""Mean IoU that a variant may lose against the fp32 file."""
HALF_PARITY = 0.02
"""Largest difference in probability of the fp16 file on the golden inputs."""
FILES = {Precision.FP16: "weights-fp16.onnx", Precision.INT8: "weights-int8.onnx"}


@dataclass(frozen=True, slots=True)
class VariantReport:
    """How a variant came out. lost: mean IoU against the fp32 file, None where nothing was scored.

    variant: as the manifest states it; None when it was not kept.
    """

    precision: Precision
    megabytes: float
    difference: float
    lost: float | None
    variant: Variant | None

    def __str__(self) -> str:
        """Return one line for people."""
        lost = "not scored" if self.lost is None else f"loses {self.lost:+.4f} mIoU"
        verdict = "kept" if self.variant else "left out"
        return (
            f"{self.precision}: {self.megabytes:.1f} MB, {lost}, "
            f"differs by at most {self.difference:.4f}: {verdict}"
        )


def write_variants(
    source: Path, golden: Golden, pictures: Sequence[Picture]
) -> tuple[VariantReport, ...]:
    """Write the variants beside `source`; one that costs too much is removed again.

    int8 needs pictures, to be calibrated and judged on; it is not tried without any.
    """
    score = mean_iou(source, pictures) if pictures else None
    half = source.with_name(FILES[Precision.FP16])
    write_halved(source, half)
    reports = [_judged(Precision.FP16, half, golden, pictures, score)]
    quantised = source.with_name(FILES[Precision.INT8])
    quantised.unlink(missing_ok=True)
    if pictures:
        write_quantised(source, quantised, pictures)
        reports.append(_judged(Precision.INT8, quantised, golden, pictures, score))
    return tuple(reports)


def _judged(
    precision: Precision,
    path: Path,
    golden: Golden,
    pictures: Sequence[Picture],
    score: float | None,
) -> VariantReport:
    far = difference(path, golden)
    lost = None if score is None else score - mean_iou(path, pictures)
    size = path.stat().st_size / 1e6
    variant = Variant(file=path.name, sha256=sha256_of(path), difference=far, lost_iou=lost)
    too_far = precision is Precision.FP16 and far > HALF_PARITY
    if too_far or (lost is not None and lost >= MOST_LOST):
        path.unlink()
        return VariantReport(precision, size, far, lost, None)
    return VariantReport(precision, size, far, lost, variant)
