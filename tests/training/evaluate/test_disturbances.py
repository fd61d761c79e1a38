"""The way there and back, and what each fault does to a film."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluate.disturbances import DISTURBANCES, Disturbance

FILM = np.random.default_rng(5).uniform(100, 900, (48, 64)).astype(np.float32)
BY_NAME = {each.name: each for each in DISTURBANCES}
each_disturbance = pytest.mark.parametrize("each", DISTURBANCES, ids=lambda each: each.name)


@each_disturbance
def test_the_neutral_strength_leaves_the_film_alone(each: Disturbance) -> None:
    neutral = each.disturb(FILM, each.neutral)

    assert each.neutral in each.strengths
    np.testing.assert_allclose(neutral.pixels, FILM, rtol=1e-5)
    assert neutral.seen.all()


@each_disturbance
def test_what_the_disturbed_film_shows_lies_on_the_films_own_grid(each: Disturbance) -> None:
    for strength in each.strengths:
        found = each.disturb(FILM, strength)

        assert found.pixels.dtype == np.float32
        back = found.restored(np.ones(found.pixels.shape, bool))
        assert back.shape == found.seen.shape == FILM.shape
        assert (back >= found.seen).all()


@given(st.sampled_from([-30, -20, -10, 10, 20, 30]))
def test_a_disc_that_was_turned_away_comes_back(degrees: float) -> None:
    film = np.zeros((80, 80), np.float32)
    rows, columns = np.mgrid[:80, :80]
    disc = (rows - 30) ** 2 + (columns - 45) ** 2 < 12**2
    film[disc] = 1

    turned = BY_NAME["rotation"].disturb(film, degrees)
    back = turned.restored(turned.pixels > 0.5)

    assert (back & disc).sum() / (back | disc).sum() > 0.9


def test_rotation_is_counter_clockwise() -> None:
    film = np.zeros((81, 81), np.float32)
    film[40, 70] = 1  # to the right of the middle; a quarter turned, it stands above it

    turned = BY_NAME["rotation"].disturb(film, 90).pixels

    assert np.unravel_index(turned.argmax(), turned.shape) == (10, 40)


def test_a_crop_keeps_the_middle_and_puts_masks_back_there() -> None:
    found = BY_NAME["crop"].disturb(FILM, 0.25)

    assert found.pixels.shape == (24, 32)
    np.testing.assert_array_equal(found.pixels, FILM[12:36, 16:48])
    assert found.seen.sum() == 24 * 32
    assert found.seen[12:36, 16:48].all()


def test_shutters_are_dark_and_hide() -> None:
    found = BY_NAME["collimation"].disturb(FILM, 0.25)

    np.testing.assert_array_equal(found.pixels[12:36, 16:48], FILM[12:36, 16:48])
    assert (found.pixels[~found.seen] == FILM.min()).all()


def test_a_negative_has_the_films_range_turned_about() -> None:
    negative = BY_NAME["polarity"].disturb(FILM, 1).pixels

    assert np.unravel_index(negative.argmin(), FILM.shape) == np.unravel_index(
        FILM.argmax(), FILM.shape
    )
    np.testing.assert_allclose((negative.min(), negative.max()), (FILM.min(), FILM.max()))


def test_noise_has_the_stated_strength_and_is_the_same_each_time() -> None:
    noise = BY_NAME["noise"].disturb(FILM, 0.2).pixels - FILM

    # The spread of 3072 draws is known to about 1.3 %.
    assert noise.std() == pytest.approx(0.2 * np.ptp(FILM), rel=0.05)
    np.testing.assert_array_equal(BY_NAME["noise"].disturb(FILM, 0.2).pixels - FILM, noise)


def test_a_coarse_film_has_the_stated_longer_side() -> None:
    assert BY_NAME["low resolution"].disturb(FILM, 32).pixels.shape == (24, 32)


def test_gamma_bends_within_the_range() -> None:
    film = np.array([[0.0, 0.25, 1.0]], np.float32)

    np.testing.assert_allclose(BY_NAME["gamma"].disturb(film, 2).pixels, [[0, 0.0625, 1]])
