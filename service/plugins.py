"""A typed registry and a loader: the one door by which measurements, encoders, … come in."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Generic, TypeVar

from service.errors import StateError, UnknownPlugin

Plugin = TypeVar("Plugin")


class Registry(Generic[Plugin]):
    """Named plug-ins of one kind; iteration is in name order, so that output is stable."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._plugins: dict[str, Plugin] = {}

    def register(self, name: str) -> Callable[[Plugin], Plugin]:
        """Return a decorator that registers its target under `name`; twice is an error."""

        def add(plugin: Plugin) -> Plugin:
            if name in self._plugins:
                raise StateError(f"{self.kind} {name!r} is registered twice")
            self._plugins[name] = plugin
            return plugin

        return add

    def get(self, name: str) -> Plugin:
        """Return the plug-in called `name`; raises UnknownPlugin."""
        try:
            return self._plugins[name]
        except KeyError:
            known = ", ".join(self.names()) or "none"
            raise UnknownPlugin(f"no {self.kind} called {name!r}; known: {known}") from None

    def names(self) -> tuple[str, ...]:
        """Return the registered names in order."""
        return tuple(sorted(self._plugins))

    def __iter__(self) -> Iterator[tuple[str, Plugin]]:
        return iter(sorted(self._plugins.items()))

    def __len__(self) -> int:
        return len(self._plugins)


def load(package: ModuleType) -> None:
    """Import every module of `package`, so that each registers what it declares."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
