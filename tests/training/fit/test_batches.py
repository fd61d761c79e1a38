from collections.abc import Mapping

import numpy as np
import torch

from tests.training.fit.phantoms import KEYS, Discs
from training.fit.batches import Batch, BatchPlan, Material, Where, ahead, by_share


class ByShare:
    def pick(self, shares: Mapping[str, float], where: Where, random: np.random.Generator) -> str:
        del where
        return by_share(shares, random)


MATERIAL = Material(
    {"projections": Discs(), "films": Discs(is_film=True, known=KEYS[:1])},
    {"projections": 0.5, "films": 0.5},
)


def _plan(batch: int = 4, first_place: int = 0) -> BatchPlan:
    return BatchPlan(MATERIAL, ByShare(), KEYS, batch, 32, 7, 1.0, first_place)


def _same(first: Batch, second: Batch) -> bool:
    return all(
        torch.equal(getattr(first, name), getattr(second, name))
        for name in ("strong", "weak", "counts", "known", "is_film")
    )


def test_a_step_has_the_same_batch_whatever_was_made_before() -> None:
    in_a_row = list(ahead(_plan(), range(4), 0))
    assert _same(in_a_row[3], _plan().make(3))
    assert not _same(in_a_row[2], in_a_row[3])


def test_threads_make_the_batches_that_one_thread_makes_in_its_order() -> None:
    alone, beside = (list(ahead(_plan(), range(2, 9), workers)) for workers in (0, 2))
    assert len(alone) == len(beside) == 7
    assert all(_same(*pair) for pair in zip(alone, beside, strict=True))


def test_two_halves_of_a_batch_are_the_whole_one() -> None:
    whole = _plan(4).make(5)
    halves = [_plan(2, first_place=place).make(5) for place in (0, 2)]
    assert torch.equal(whole.strong, torch.cat([half.strong for half in halves]))
    assert torch.equal(whole.counts, torch.cat([half.counts for half in halves]))


def test_what_a_source_does_not_know_is_unknown_in_the_batch() -> None:
    batches = [_plan().make(step) for step in range(6)]
    for batch in batches:
        for known, is_film in zip(batch.known.tolist(), batch.is_film.tolist(), strict=True):
            assert known == ([1, 0, 0] if is_film else [1, 1, 1])
    assert {name for batch in batches for name in batch.source} == {"projections", "films"}
