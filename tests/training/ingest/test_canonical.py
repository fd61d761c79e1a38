"""Labels follow by their place in the patient, never by their index."""

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813

from tests.training.ingest.written import chest, itk
from training.ingest.canonical import canonical, hounsfield, is_aligned, labels_on
from training.ingest.refusal import Reason, Refused
from training.ingest.scan import Labels

CHEST = chest()
HEART = (CHEST.hu == 45).astype(np.uint8)


def labels(array: np.ndarray, like: sitk.Image) -> Labels:
    image = sitk.GetImageFromArray(array)
    image.CopyInformation(like)
    return Labels(image, "drawn")


def test_labels_of_a_part_of_the_volume_land_where_they_belong() -> None:
    part = itk(CHEST)[10:70, 5:40, 20:50]
    found = labels_on(itk(CHEST), labels(HEART[20:50, 5:40, 10:70], part))

    inside = np.zeros_like(HEART)
    inside[20:50, 5:40, 10:70] = HEART[20:50, 5:40, 10:70]
    assert np.array_equal(found, inside)


def test_labels_stored_the_other_way_round_land_where_they_belong() -> None:
    turned = sitk.DICOMOrient(labels(HEART, itk(CHEST)).image, "RAS")

    assert np.array_equal(labels_on(itk(CHEST), Labels(turned, "drawn")), HEART)


def test_labels_of_another_place_are_refused() -> None:
    elsewhere = itk(CHEST)
    elsewhere.SetOrigin((2000.0, 0.0, 0.0))

    with pytest.raises(Refused) as caught:
        labels_on(itk(CHEST), labels(HEART, elsewhere))

    assert caught.value.reason is Reason.LABELS_DO_NOT_FIT


def test_rounding_of_axes_is_no_obliqueness() -> None:
    image = itk(CHEST)
    angle = 2e-4
    image.SetDirection([1, -angle, 0, angle, 1, 0, 0, 0, 1])

    assert is_aligned(image)
    assert np.array_equal(sitk.GetArrayFromImage(canonical(image)), CHEST.hu)


def test_values_are_clipped_to_those_of_a_scanner() -> None:
    image = sitk.GetImageFromArray(np.array([[[-3024.0, 0.4, 9000.0, np.nan]]]))

    assert hounsfield(image).ravel().tolist() == [-1024, 0, 3071, -1024]
