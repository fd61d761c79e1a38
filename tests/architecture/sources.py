"""The project's sources as syntax trees, for tests that read code instead of running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.peers import REPOSITORY

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One file: its path from the repository's root, and its tree."""

    name: str
    text: str
    tree: ast.Module

    def calls(self) -> Iterator[ast.Call]:
        """Yield every call."""
        return (node for node in ast.walk(self.tree) if isinstance(node, ast.Call))

    def functions(self) -> Iterator[FunctionNode]:
        """Yield every function and method."""
        return (node for node in ast.walk(self.tree) if isinstance(node, FunctionNode))

    def place(self, node: ast.expr | ast.stmt) -> str:
        """Return where `node` is, as an editor opens it."""
        return f"{self.name}:{node.lineno}"


@cache
def sources(*folders: str) -> tuple[Source, ...]:
    """Return the sources below the folders, in order."""
    paths = sorted(path for folder in folders for path in (REPOSITORY / folder).rglob("*.py"))
    return tuple(_source(path) for path in paths)


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(str(path.relative_to(REPOSITORY)), text, ast.parse(text))
