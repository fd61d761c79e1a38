"""The registry through which measurements, encoders and destinations come in."""

import pytest

from service.errors import StateError, UnknownPlugin
from service.plugins import Registry


def test_plugins_are_iterated_in_name_order() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("two")(2)
    registry.register("one")(1)

    assert list(registry) == [("one", 1), ("two", 2)]
    assert len(registry) == 2


def test_registering_a_name_twice_is_an_error() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("one")(1)

    with pytest.raises(StateError, match="number 'one' is registered twice"):
        registry.register("one")(1)


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    registry: Registry[int] = Registry("number")
    registry.register("one")(1)

    with pytest.raises(UnknownPlugin, match="no number called 'two'; known: one"):
        registry.get("two")
