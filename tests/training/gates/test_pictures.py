"""Random storings are what they say they are."""

from itertools import product

import numpy as np
import pytest
import torch

from training.gates.pictures import SIDE, random_example, stored

WAYS = list(product(range(2), range(2), range(4)))


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_corner_goes_where_the_storing_takes_it(way: tuple[int, int, int]) -> None:
    inverted, mirrored, turned = way
    image = torch.zeros(SIDE, SIDE)
    image[: SIDE // 4, : SIDE // 4] = 1.0

    found = stored(image, inverted, mirrored, turned).image[0].numpy()

    expected = 1 - image.numpy() if inverted else image.numpy()
    expected = expected[:, ::-1] if mirrored else expected
    assert np.allclose(found, np.rot90(expected, turned), atol=1e-6)


def test_padding_is_black_even_around_a_negative() -> None:
    example = stored(torch.zeros(SIDE // 2, SIDE), 1, 0, 0)

    content = example.image[0, SIDE // 4 : 3 * SIDE // 4]
    assert float(content.min()) == 1.0
    assert float(example.image.sum()) == float(content.sum())


def test_the_same_seed_gives_the_same_example() -> None:
    pixels = np.random.default_rng(0).random((90, 70)).astype(np.float32)

    first, second = (
        random_example(pixels, np.random.default_rng(5), is_lateral=True) for _ in range(2)
    )

    assert torch.equal(first.image, second.image)
    assert (first.inverted, first.mirrored, first.turned, first.is_lateral) == (
        second.inverted,
        second.mirrored,
        second.turned,
        True,
    )


@pytest.mark.parametrize("seed", range(20))
def test_examples_stay_in_range(seed: int) -> None:
    pixels = np.random.default_rng(seed).random((60, 90)).astype(np.float32) * 4000

    image = random_example(pixels, np.random.default_rng(seed), is_lateral=False).image

    assert image.shape == (1, SIDE, SIDE)
    assert bool(torch.isfinite(image).all())
    assert float(image.min()) >= 0.0
    assert float(image.max()) <= 1.0
