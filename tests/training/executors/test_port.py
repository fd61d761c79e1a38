import sys

import pytest

from service.errors import UnknownPlugin
from training.executors import open_executor
from training.executors.on_ray import RayMissing
from training.executors.serial import Serial


def test_an_executor_is_found_by_its_name() -> None:
    assert isinstance(open_executor("serial"), Serial)


def test_an_unknown_executor_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownPlugin, match="known: ray, serial"):
        open_executor("slurm")


def test_without_ray_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # how Python says: not installed
    with pytest.raises(RayMissing, match=r"pip install \"thorax\[training-ray\]\""):
        open_executor("ray")
