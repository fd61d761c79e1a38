"""From what a reader hands on to the canonical cubic volume and the verdicts about it."""

from dataclasses import dataclass, replace

import numpy as np
import SimpleITK as sitk  # noqa: N813 - its usual name
from scipy import ndimage

from training.ingest.canonical import canonical, hounsfield, is_aligned, labels_on, spacing_zyx
from training.ingest.chest import COARSE_MM, Mask, find_body, find_lungs, keep_near
from training.ingest.gate import Evidence, Verdict, verdicts
from training.ingest.scale import Scale, measured_scale
from training.ingest.scan import Acquisition, Scan
from training.ingest.volume import AIR_HU, Volume

COUCH_HU = -700
METAL_HU = 2000
CLEARED_HU = -1000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A canonical volume, how it was made, what was repaired and what every gate says."""

    volume: Volume
    acquisition: Acquisition
    notes: tuple[str, ...]
    verdicts: dict[str, Verdict]


def prepare(scan: Scan, spacing_mm: float) -> Prepared:
    """Turn, put on the HU scale, make cubic, clear what is outside the body, ask the gates."""
    native, scale = to_volume(scan)
    acquisition = replace(scan.acquisition, spacing_mm=native.spacing_mm)
    volume = native.resampled(spacing_mm)
    coarse = native.resampled(max(COARSE_MM, spacing_mm))
    body = find_body(coarse)
    cleared, removed_ml = without_couch(volume, keep_near(body, coarse))
    inside, _ = without_couch(coarse, keep_near(body, coarse))
    notes = scan.notes if is_aligned(scan.image) else (*scan.notes, "oblique axes were resampled")
    evidence = Evidence(
        volume=inside,
        body=body,
        lungs=find_lungs(inside, body),
        scale=scale,
        acquisition=acquisition,
        removed_ml=removed_ml,
        metal_ml=float((cleared.hu >= METAL_HU).sum()) * spacing_mm**3 / 1000,
        notes=notes,
    )
    return Prepared(cleared, acquisition, notes, verdicts(evidence))


def to_volume(scan: Scan) -> tuple[Volume, Scale]:
    """The scan in canonical axes and HU with its own spacing, and what was done to the scale."""
    turned = canonical(scan.image)
    scale = measured_scale(sitk.GetArrayViewFromImage(scan.image))
    hu = hounsfield(turned - scale.subtracted if scale.subtracted else turned)
    labels = None if scan.labels is None else labels_on(turned, scan.labels)
    ids = None if scan.labels is None else scan.labels.ids
    return Volume(hu, spacing_zyx(turned), labels, ids), scale


def without_couch(volume: Volume, keep: Mask) -> tuple[Volume, float]:
    """The volume with air wherever the coarse mask `keep` does not reach, and the ml removed."""
    indices = [
        np.minimum(((np.arange(new) + 0.5) * old / new).astype(int), old - 1)
        for new, old in zip(volume.hu.shape, keep.shape, strict=True)
    ]
    outside = ~keep[np.ix_(*indices)]
    removed = ndimage.sum_labels(volume.hu > COUCH_HU, outside, 1)
    hu = np.where(outside & (volume.hu > AIR_HU), CLEARED_HU, volume.hu).astype(np.int16)
    return replace(volume, hu=hu), float(removed) * float(np.prod(volume.spacing_mm)) / 1000
