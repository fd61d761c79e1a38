from pathlib import Path

import numpy as np
import pytest

from training.label.members.nnunet import NnUnet, read_class_ids, renumbered
from training.label.port import MemberUnavailable, Setting


def test_a_models_own_numbers_become_class_ids(tmp_path: Path) -> None:
    (tmp_path / "class_ids.json").write_text('{"1": 51, "2": 52}')
    ids = read_class_ids(tmp_path)
    assert renumbered(np.array([0, 1, 2, 3]), ids).tolist() == [0, 51, 52, 0]


def test_a_folder_that_does_not_say_what_its_labels_mean_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MemberUnavailable, match="class_ids"):
        read_class_ids(tmp_path)


def test_without_a_folder_the_member_says_so() -> None:
    with pytest.raises(MemberUnavailable, match="no nnU-Net model folder"):
        NnUnet(Setting())
