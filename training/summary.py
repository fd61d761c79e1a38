"""What a run of a stage made, skipped and could not make, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one run, and the reason of every item that is not there."""

    stage: str
    done: int
    skipped: int
    failed: Mapping[str, str]

    @classmethod
    def of(
        cls,
        stage: str,
        wanted: Sequence[str],
        tried: Sequence[str],
        items: Mapping[str, Mapping[str, Any]],
        failed: Mapping[str, Mapping[str, Any]],
    ) -> "Summary":
        """Count; an item whose maker recorded `failed` was refused, and is not tried again."""
        why = {name: str(entry["reason"]) for name, entry in failed.items()}
        why |= {name: str(item["failed"]) for name, item in items.items() if "failed" in item}
        done = [name for name in tried if name not in why]
        skipped = [name for name in wanted if name not in set(tried) and name not in why]
        return cls(stage, len(done), len(skipped), why)

    def as_text(self) -> str:
        """One line of counts and one line per failure."""
        head = f"{self.stage}: {self.done} done, {self.skipped} skipped, {len(self.failed)} failed"
        return "\n".join([head, *(f"  {name}: {why}" for name, why in sorted(self.failed.items()))])
