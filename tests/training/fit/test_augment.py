import numpy as np
import pytest
import torch

from service.inference.preprocess import to_model_input
from training.channels import TRAINED, trained_index
from training.fit.augment import INTENSITY, augment, plain
from training.fit.dataset import Sample
from training.project.masks import pack

ALL = np.arange(len(TRAINED))


def _sample(rows: int = 120, columns: int = 90) -> Sample:
    """Right lung field dark on the left of the picture, left lung field on the right."""
    random = np.random.default_rng(0)
    water = 2 + 0.1 * random.random((rows, columns)).astype(np.float32)
    masks = np.zeros((len(TRAINED), rows, columns), bool)
    masks[trained_index("right_lung_field"), 30:80, 15:35] = True
    masks[trained_index("left_lung_field"), 30:80, 55:75] = True
    water[masks.any(0)] -= 1.5
    packed = pack(torch.from_numpy(masks))
    return Sample(water, np.zeros_like(water), packed, np.ones(len(TRAINED), bool), is_film=True)


def test_augmentation_never_swaps_the_sides() -> None:
    right, left = trained_index("right_lung_field"), trained_index("left_lung_field")
    for seed in range(12):
        counts = augment(_sample(), 64, np.random.default_rng(seed), ALL).counts
        masks = counts.permute(2, 0, 1).numpy()
        if masks[right].any() and masks[left].any():
            assert np.nonzero(masks[right])[1].mean() < np.nonzero(masks[left])[1].mean()


def test_the_same_seed_gives_the_same_picture() -> None:
    first, second = (augment(_sample(), 64, np.random.default_rng(5), ALL) for _ in range(2))
    assert (first.strong == second.strong).all()
    assert (first.counts == second.counts).all()


def test_pictures_stay_between_zero_and_one() -> None:
    for seed in range(12):
        image = augment(_sample(), 64, np.random.default_rng(seed), ALL).strong
        assert 0 <= float(image.min()) <= float(image.max()) <= 1


@pytest.mark.parametrize(("rows", "columns"), [(120, 90), (90, 120), (100, 100)])
def test_the_plain_picture_is_what_the_service_feeds_the_model(rows: int, columns: int) -> None:
    sample = _sample(rows, columns)
    ours = plain(sample, 64, ALL).strong[0].numpy()
    served = to_model_input(sample.water, 64, INTENSITY).tensor[0, 0]
    # the service antialiases when it shrinks; away from edges both agree
    assert np.abs(ours - served).mean() < 0.03
    assert ((ours == 0) == (served == 0)).mean() > 0.95


def test_only_the_wanted_channels_are_made_in_the_wanted_order() -> None:
    every = augment(_sample(), 64, np.random.default_rng(5), ALL)
    wanted = ALL[[7, 2]]
    some = augment(_sample(), 64, np.random.default_rng(5), wanted)
    assert (some.counts == every.counts[..., [7, 2]]).all()
    assert some.known.shape == (2,)
