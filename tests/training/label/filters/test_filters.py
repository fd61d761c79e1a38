"""What the stage leaves out by the filters: lobes with their lung, and nothing distrusted twice."""

import numpy as np

from training.channels import number_of
from training.label.derive.lungs import LOBES
from training.label.filters.bands import default_bands
from training.label.filters.filters import Filters

MM = (10.0, 10.0, 10.0)
BODY = np.ones((40, 40, 40), np.bool_)
ORGANS = ("heart", "liver", "stomach", "pancreas", "kidney_left", "kidney_right")
LEFT = frozenset({"left_lung", *LOBES["left"]})


def lungs(height: int) -> np.ndarray:
    """A left lung of two lobes of `height` x 10 x 10 ml each."""
    organs = np.zeros(BODY.shape, np.uint8)
    organs[2 : 2 + height, 5:15, 5:15] = number_of("lung_lower_lobe_left")
    organs[2 + height : 2 + 2 * height, 5:15, 5:15] = number_of("lung_upper_lobe_left")
    return organs


def test_lobes_go_with_a_lung_that_is_not_believed() -> None:
    small = lungs(1)  # 100 ml each, fine for a lobe; 200 ml are no lung
    found = Filters(default_bands()).judged(small, LEFT, BODY, MM)

    assert set(found.unknown) == LEFT
    assert found.unknown["left_lung"].startswith("shape filter: volume_ml 200 is outside 350 to")
    assert "the left lung is not believed" in found.unknown["lung_upper_lobe_left"]
    assert Filters(default_bands()).judged(lungs(10), LEFT, BODY, MM).unknown == {}


def test_what_a_person_distrusts_does_not_refuse_the_volume() -> None:
    organs = np.zeros(BODY.shape, np.uint8)
    for place, key in enumerate(ORGANS):
        organs[3, 3, 3 + 3 * place : 5 + 3 * place] = number_of(key)  # two millilitres each
    known = frozenset(ORGANS)

    assert Filters(default_bands()).judged(organs, known, BODY, MM).refused is not None
    lenient = Filters(default_bands(), distrusted=known - {"heart", "liver"})
    found = lenient.judged(organs, known, BODY, MM)

    assert found.refused is None
    assert set(found.unknown) == {"heart", "liver"}
