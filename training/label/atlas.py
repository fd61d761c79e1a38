"""Labels of one volume carried to another: deformable registration on lungs, bone and body.

What the registration aligns is not the grey values (contrast, noise) but a picture of four tissues
that the rules find in both volumes, smoothed; the demons then follow edges that mean the same.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk  # noqa: N813 - its own convention

from training.label.rules import Rules

GRID_MM = 4.0
# Grey values of the tissue picture: far enough apart that every border is an edge.
LUNG, SOFT, BONE, OUTSIDE = 0.0, 100.0, 160.0, 40.0


def tissue_picture(rules: Rules, spacing_mm: float) -> sitk.Image:
    """Lungs, bone, soft tissue and outside as one smooth image on a grid of `GRID_MM`."""
    values = np.full(rules.body.shape, OUTSIDE, np.float32)
    values[rules.body] = SOFT
    values[rules.bone] = BONE
    values[rules.right_lung | rules.left_lung | rules.trachea] = LUNG
    return _coarse(_image(values, spacing_mm))


def _image(
    values: npt.NDArray[np.float32] | npt.NDArray[np.uint8], spacing_mm: float
) -> sitk.Image:
    image = sitk.GetImageFromArray(values)
    image.SetSpacing((spacing_mm,) * 3)
    return image


def _coarse(image: sitk.Image) -> sitk.Image:
    smooth = sitk.SmoothingRecursiveGaussian(image, GRID_MM / 2)
    size = [
        max(8, round(n * s / GRID_MM))
        for n, s in zip(image.GetSize(), image.GetSpacing(), strict=True)
    ]
    return sitk.Resample(
        smooth, size, sitk.Transform(), sitk.sitkLinear, image.GetOrigin(), [GRID_MM] * 3
    )


def carry_labels(
    labels: npt.NDArray[np.uint8], atlas: Rules, target: Rules, spacing_mm: float
) -> npt.NDArray[np.uint8]:
    """The atlas's label map warped onto the target's grid (nearest neighbour)."""
    fixed, moving = tissue_picture(target, spacing_mm), tissue_picture(atlas, spacing_mm)
    start = _lungs_aligned(atlas, target, spacing_mm)
    affine = _affine(fixed, moving, start)
    field = _demons(fixed, moving, affine)
    reference = _image(target.body.astype(np.uint8), spacing_mm)
    chain = sitk.CompositeTransform([affine, field])
    warped = sitk.Resample(
        _image(labels, spacing_mm), reference, chain, sitk.sitkNearestNeighbor, 0
    )
    return np.asarray(sitk.GetArrayFromImage(warped), dtype=np.uint8)


def _lungs_aligned(atlas: Rules, target: Rules, spacing_mm: float) -> sitk.AffineTransform:
    """Scale and shift that bring the target's lung box onto the atlas's."""
    low_a, high_a = _box(atlas.right_lung | atlas.left_lung, spacing_mm)
    low_t, high_t = _box(target.right_lung | target.left_lung, spacing_mm)
    scale = (high_a - low_a) / (high_t - low_t)
    transform = sitk.AffineTransform(3)
    transform.SetMatrix(np.diag(scale).ravel().tolist())
    transform.SetTranslation((low_a - scale * low_t).tolist())
    return transform


def _box(mask: npt.NDArray[np.bool_], spacing_mm: float) -> tuple[npt.NDArray[np.float64], ...]:
    """Robust lowest and highest corner (x, y, z) in mm."""
    points = np.stack(np.nonzero(mask))[::-1].astype(np.float64) * spacing_mm
    return np.percentile(points, 1, axis=1), np.percentile(points, 99, axis=1)


def _affine(
    fixed: sitk.Image, moving: sitk.Image, start: sitk.AffineTransform
) -> sitk.AffineTransform:
    method = sitk.ImageRegistrationMethod()
    method.SetMetricAsMeanSquares()
    method.SetMetricSamplingStrategy(method.REGULAR)
    method.SetMetricSamplingPercentage(0.1)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(1.0, 1e-3, 60)
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(start, inPlace=False)
    return sitk.AffineTransform(method.Execute(fixed, moving).GetNthTransform(0))


def _demons(
    fixed: sitk.Image,
    moving: sitk.Image,
    affine: sitk.AffineTransform,
    steps: Sequence[int] = (60, 40),
) -> sitk.DisplacementFieldTransform:
    """Fast symmetric-force demons, strongly smoothed first, then less."""
    aligned = sitk.Resample(moving, fixed, affine, sitk.sitkLinear, OUTSIDE)
    field = None
    for iterations, smooth in zip(steps, (3.0, 1.6), strict=True):
        demons = sitk.FastSymmetricForcesDemonsRegistrationFilter()
        demons.SetNumberOfIterations(iterations)
        demons.SetStandardDeviations(smooth)
        demons.SetSmoothDisplacementField(True)  # noqa: FBT003
        field = (
            demons.Execute(fixed, aligned)
            if field is None
            else demons.Execute(fixed, aligned, field)
        )
    return sitk.DisplacementFieldTransform(sitk.Cast(field, sitk.sitkVectorFloat64))
