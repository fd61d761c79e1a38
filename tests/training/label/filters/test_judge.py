"""An organ out of its band is not believed; a volume of many is refused."""

import numpy as np

from training.channels import number_of
from training.label.filters.bands import default_bands
from training.label.filters.judge import TOO_MANY, Verdict, judge

MM = 10.0
BODY = np.ones((40, 40, 40), np.bool_)
KNOWN = frozenset({"heart", "liver", "kidney_left", "kidney_right", "stomach", "pancreas"})


def judged(**sizes: int) -> Verdict:
    """Blocks of n x n x 1.5 n voxels of one millilitre, in a row that touches no edge."""
    organs = np.zeros((40, 40, 40), np.uint8)
    at = 1
    for key, size in sizes.items():
        organs[1 : 1 + size * 3 // 2, 1 : 1 + size, at : at + size] = number_of(key)
        at += size + 1
    return judge(organs, KNOWN, BODY, (MM, MM, MM), default_bands())


def test_plausible_organs_are_believed() -> None:
    found = judged(heart=8, liver=10, kidney_left=6)  # 768, 1500 and 324 ml

    assert dict(found.unknown) == {}
    assert found.refused is None
    assert {"heart", "liver", "kidney_left"} <= found.shapes.keys()


def test_a_heart_of_a_few_millilitres_becomes_unknown_with_the_reason() -> None:
    found = judged(heart=2, liver=10)

    assert dict(found.unknown) == {"heart": "volume_ml 12 is outside 200 to 1800"}
    assert found.refused is None


def test_an_organ_that_the_scan_cuts_may_be_small_but_not_large() -> None:
    organs = np.zeros((40, 40, 40), np.uint8)
    organs[0, :3, :3] = number_of("heart")
    organs[-18:, -18:, -18:] = number_of("liver")  # 5832 ml

    found = judge(organs, KNOWN, BODY, (MM, MM, MM), default_bands())

    assert set(found.unknown) == {"liver"}


def test_what_is_not_known_is_not_judged() -> None:
    organs = np.zeros((40, 40, 40), np.uint8)
    organs[5, 5, 5:8] = number_of("heart")

    found = judge(organs, frozenset({"liver"}), BODY, (MM, MM, MM), default_bands())

    assert dict(found.unknown) == {}


def test_too_many_doubtful_organs_refuse_the_volume() -> None:
    found = judged(heart=2, liver=3, kidney_left=1, kidney_right=1)

    assert len(found.unknown) == TOO_MANY
    assert found.refused is not None
    assert found.refused.startswith("4 of 4 organs are out of their bands (heart: volume_ml")
