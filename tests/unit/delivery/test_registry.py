import pytest

from service import delivery
from service.delivery.registry import DESTINATIONS
from service.plugins import load

load(delivery)


def test_the_kinds_that_the_settings_may_name() -> None:
    assert DESTINATIONS.names() == ("dicom", "folder")


@pytest.mark.parametrize("name", DESTINATIONS.names())
def test_each_kind_says_what_it_is_and_checks_its_options(name: str) -> None:
    kind = DESTINATIONS.get(name)

    assert kind.__doc__
    assert kind.Options.__doc__
    assert kind.Options.model_config["extra"] == "forbid"
