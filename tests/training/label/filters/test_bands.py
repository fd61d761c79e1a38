"""Bands from the literature and from a population."""

from pathlib import Path

import numpy as np
import pytest

from service.anatomy.structures import structures
from training.label.filters.bands import (
    FEWEST,
    Band,
    band_of,
    default_bands,
    population_bands,
    read_bands,
    write_bands,
)
from training.label.filters.shape import Feature, Shape


def heart(volume_ml: float, *, cut: bool = False) -> dict[str, Shape]:
    return {"heart": Shape({Feature.VOLUME_ML: volume_ml}, cut)}


def test_every_default_matches_a_structure() -> None:
    keys = [structure.key for structure in structures()]

    for band in default_bands():
        assert any(band_of(key, band.feature, [band]) for key in keys), band.keys


def test_a_population_replaces_the_literature(tmp_path: Path) -> None:
    write_bands(tmp_path / "bands.csv", [Band("heart", Feature.VOLUME_ML, 500, 600, "ours")])

    bands = read_bands(tmp_path / "bands.csv")

    assert band_of("heart", Feature.VOLUME_ML, bands) == Band(
        "heart", Feature.VOLUME_ML, 500, 600, "ours"
    )
    assert band_of("liver", Feature.VOLUME_ML, bands) is not None


def test_one_wild_volume_does_not_move_a_band_far() -> None:
    usual = [heart(600.0 + n) for n in range(100)]

    alone = population_bands(usual)[0]
    with_wild = population_bands([*usual, heart(9000.0)])[0]

    assert with_wild.high == pytest.approx(alone.high, rel=0.02)
    low, high = np.quantile(np.arange(600, 700), [0.05, 0.95])
    assert (alone.low, alone.high) == pytest.approx((2 * low - high, 2 * high - low))


def test_few_volumes_and_cut_organs_make_no_band() -> None:
    few = [heart(600.0) for _ in range(FEWEST - 1)]

    assert population_bands(few) == []
    assert population_bands([*few, heart(50.0, cut=True)]) == []
    assert len(population_bands([*few, heart(610.0)])) == 1


@pytest.mark.parametrize(
    "text",
    ["keys,feature\nheart,volume_ml\n", "keys,feature,low,high,why\nheart,volume_ml,5,2,\n"],
    ids=["columns", "order"],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "bands.csv").write_text(text)

    with pytest.raises(ValueError, match="band"):
        read_bands(tmp_path / "bands.csv")
