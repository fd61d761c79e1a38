"""What a kind of destination is."""

from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from service.domain.delivering import Offer, Sent
from service.plugins import Registry


class Deliverer(Protocol):
    """One configured destination.

    Made of its name in the settings, its checked options, and our AE title. Sending the same
    object again must do no harm: a delivery is repeated when we died before we wrote it down.
    """

    Options: ClassVar[type[BaseModel]]

    def __init__(self, name: str, options: Any, ae_title: str) -> None:  # noqa: ANN401
        """Take what the settings say; connect to nothing yet."""

    def deliver(self, offer: Offer) -> Sent:
        """Send the best of the offer, return what that was when the destination has it.

        Raises PeerError when it may be tried again, PeerRefused when that is of no use.
        """


DESTINATIONS: Registry[type[Deliverer]] = Registry("destination kind")
