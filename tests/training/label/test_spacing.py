import numpy as np

from training.label.spacing import THORACIC, uneven


def spine(heights: list[int]) -> np.ndarray:
    """Vertebrae from L1 up, each of its height in voxels."""
    labels = np.zeros((sum(heights), 5, 5), np.uint8)
    for label, top, height in zip(THORACIC, np.cumsum(heights), heights, strict=True):
        labels[top - height : top] = label
    return labels


EVEN = [10] * len(THORACIC)


def test_a_spine_of_another_size_throughout_is_even() -> None:
    assert uneven(spine([8] * len(THORACIC)), spine(EVEN)) < 1e-6


def test_two_vertebrae_squeezed_into_one_are_uneven() -> None:
    slipped = EVEN.copy()
    slipped[3:7] = [15, 15, 5, 5]
    assert uneven(spine(slipped), spine(EVEN)) > 0.1


def test_a_spine_with_a_kyphosis_is_compared_with_its_own_source() -> None:
    growing = list(range(8, 8 + len(THORACIC)))
    assert uneven(spine(growing), spine(growing)) == 0


def test_too_few_vertebrae_say_nothing() -> None:
    few = spine(EVEN)
    few[few > THORACIC[2]] = 0
    assert uneven(few, spine(EVEN)) == 0
