import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from training.fit.warp import FULL, halved_counts, warped_counts


def _packed(seed: int, channels: int, rows: int, columns: int) -> np.ndarray:
    masks = np.random.default_rng(seed).random((rows, columns, channels)) > 0.5
    return np.packbits(masks, axis=-1)


@given(st.integers(0, 99), st.integers(1, 40))
def test_counts_are_how_many_of_four_pixels_a_mask_covers(seed: int, channels: int) -> None:
    packed = _packed(seed, channels, 6, 8)
    masks = np.unpackbits(packed, axis=-1, count=channels).transpose(2, 0, 1)
    expected = functional.avg_pool2d(torch.from_numpy(masks).float(), 2) * FULL
    assert (halved_counts(packed)[..., :channels].transpose(2, 0, 1) == expected.numpy()).all()


def test_the_identity_grid_changes_nothing_and_hidden_pixels_are_empty() -> None:
    packed = _packed(1, 11, 8, 8)
    grid = functional.affine_grid(torch.eye(2, 3)[None], [1, 1, 8, 8], align_corners=False)
    shown = torch.ones(8, 8, dtype=torch.bool)
    shown[:, :4] = False
    wanted = np.array([10, 0, 3])
    found = warped_counts(packed, grid, shown, wanted)
    assert (found[:, 2:] == halved_counts(packed)[:, 2:, wanted]).all()
    assert not found[:, :2].any()


@given(st.integers(0, 99))
def test_masks_go_where_the_nearest_pixel_of_the_picture_goes(seed: int) -> None:
    random = np.random.default_rng(seed)
    packed = _packed(seed, 3, 10, 7)
    masks = np.unpackbits(packed, axis=-1, count=3).transpose(2, 0, 1)
    grid = torch.from_numpy(random.uniform(-0.95, 0.95, (1, 4, 4, 2))).float()
    expected = functional.grid_sample(
        torch.from_numpy(masks)[None].float(), grid, mode="nearest", align_corners=False,
        padding_mode="border",
    )[0]  # fmt: skip
    found = warped_counts(packed, grid, torch.ones(4, 4, dtype=torch.bool), np.arange(3))
    pooled = functional.avg_pool2d(expected, 2) * FULL
    assert (found.transpose(2, 0, 1) == pooled.numpy()).all()
