"""The command that makes a table from what the stages wrote."""

from pathlib import Path

import numpy as np
import pytest

from training.channels import Layer, number_of
from training.ingest.volume import Volume
from training.label.filters.bands import FEWEST, band_of, read_bands
from training.label.filters.population import main
from training.label.filters.shape import Feature
from training.label.labelled import LabelledVolume


def test_labelled_volumes_become_bands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    labelled, ingested = tmp_path / "label", tmp_path / "ingest"
    labelled.mkdir()
    ingested.mkdir()
    for n in range(FEWEST):
        organs = np.zeros((20, 20, 20), np.uint8)
        organs[5:15, 5:15, 5 : 10 + n // 4] = number_of("heart")
        organs[2, 2, 2] = number_of("liver")  # not known, so not measured
        hu = np.full(organs.shape, -1000, np.int16)
        hu[1:-1, 1:-1, 1:-1] = 40
        Volume(hu, (10.0, 10.0, 10.0)).save(ingested / f"{n}.npz")
        LabelledVolume({Layer.ORGANS: organs}, frozenset({"heart"})).save(labelled / f"{n}.npz")

    assert main([str(labelled), str(ingested), str(tmp_path / "bands.csv")]) == 0

    assert capsys.readouterr().out == "4 bands\n"
    band = band_of("heart", Feature.VOLUME_ML, read_bands(tmp_path / "bands.csv"))
    assert band is not None
    # Half of the hearts have 500 ml, half 600.
    assert (band.low, band.high) == pytest.approx((400, 700))
