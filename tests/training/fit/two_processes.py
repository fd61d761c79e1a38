"""Started by torchrun: trains a few steps of a tiny network and leaves its checkpoint."""

import sys
from pathlib import Path

from tests.training.fit.phantoms import Discs, settings
from training.fit.batches import Material
from training.fit.loop import fit

if __name__ == "__main__":
    folder, network = Path(sys.argv[1]), sys.argv[2]
    chosen = settings(
        3, batch=4, device="cpu", network=network,
        network_settings={"width": 8} if network == "segresnet" else {"pretrained": False},
    )  # fmt: skip
    sources = {"projections": Discs(), "films": Discs(known=("heart",), is_film=True)}
    fit(Material(sources, dict.fromkeys(sources, 1.0)), chosen, folder)
