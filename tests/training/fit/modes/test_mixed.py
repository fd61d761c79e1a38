import numpy as np
import pytest

from tests.training.fit.modes.conftest import Fitted
from tests.training.fit.phantoms import Discs
from training.fit.batches import Where
from training.fit.mode import build_mode


def test_the_loss_falls(fitted: Fitted) -> None:
    losses = fitted("mixed", {}, 24, films=Discs(is_film=True), pseudo=Discs(is_film=True, seed=3))
    assert sum(losses[-5:]) < 0.75 * sum(losses[:5])


def test_the_probability_is_that_of_a_picture_with_exact_masks() -> None:
    mode = build_mode("mixed", {"probability": 0.75})
    random = np.random.default_rng(0)
    shares = {"films": 3.0, "projections": 1.0, "pseudo": 1.0}
    picked = [mode.pick(shares, Where(0, n), random) for n in range(4000)]
    # standard deviation of a share of 4000 draws is below 0.008
    assert picked.count("pseudo") / 4000 == pytest.approx(0.25, abs=0.03)
    assert picked.count("films") / 4000 == pytest.approx(0.75 * 0.75, abs=0.03)


def test_without_pseudo_masks_it_is_refused() -> None:
    with pytest.raises(ValueError, match="needs pseudo"):
        build_mode("mixed", {}).check({"films": 1.0})
