import numpy as np
import pytest
import torch

from tests.training.fit.modes.conftest import Fitted
from tests.training.fit.phantoms import Discs
from training.fit.mode import build_mode
from training.fit.modes.copy_paste import largest_piece, swapped


def test_the_loss_falls_while_films_without_masks_are_mixed_in(fitted: Fitted) -> None:
    losses = fitted(
        "copy-paste",
        {"pretrain_steps": 10},
        30,
        projections=Discs(),
        unlabelled=Discs(known=(), is_film=True, seed=5),
    )
    assert sum(losses[5:10]) < sum(losses[:5])
    assert sum(losses[-5:]) < 0.75 * sum(losses[:5])


def test_neighbours_exchange_what_lies_inside_the_box() -> None:
    values = torch.arange(4.0).reshape(4, 1, 1, 1).expand(4, 1, 2, 2)
    inside = torch.tensor([[True, False], [False, False]])[None, None]
    mixed = swapped(values, inside)
    assert mixed[:, 0, 0, 0].tolist() == [1, 0, 3, 2]
    assert mixed[:, 0, 1, 1].tolist() == [0, 1, 2, 3]


def test_only_the_largest_piece_of_an_opinion_is_kept() -> None:
    mask = np.zeros((6, 6), bool)
    mask[0, 0] = mask[3:5, 3:5] = True
    kept = largest_piece(mask)
    assert kept.sum() == 4
    assert not kept[0, 0]


@pytest.mark.parametrize("given", [{"projections": 1.0}, {"unlabelled": 1.0}])
def test_either_kind_alone_is_refused(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="needs"):
        build_mode("copy-paste", {}).check(given)
