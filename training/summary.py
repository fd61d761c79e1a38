"""What a run of a stage made, skipped and could not make, and what to know of it, in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one run, the reason of every item that is not there, remarks on those that are."""

    stage: str
    done: int
    skipped: int
    failed: Mapping[str, str]
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        stage: str,
        wanted: Sequence[str],
        tried: Sequence[str],
        items: Mapping[str, Mapping[str, Any]],
        failed: Mapping[str, Mapping[str, Any]],
    ) -> "Summary":
        """Count; an item whose maker recorded `failed` was refused, and is not tried again.

        `remarks` in an item's record are lines worth reading by whoever runs the stage.
        """
        why = {name: str(entry["reason"]) for name, entry in failed.items()}
        why |= {name: str(item["failed"]) for name, item in items.items() if "failed" in item}
        done = [name for name in tried if name not in why]
        skipped = [name for name in wanted if name not in set(tried) and name not in why]
        remarks = {
            name: item["remarks"]
            for name, item in items.items()
            if name not in why and item.get("remarks")
        }
        return cls(stage, len(done), len(skipped), why, remarks)

    def as_text(self) -> str:
        """One line of counts, one line per failure and one per remark."""
        head = f"{self.stage}: {self.done} done, {self.skipped} skipped, {len(self.failed)} failed"
        failures = [f"  {name}: {why}" for name, why in sorted(self.failed.items())]
        notes = [
            f"  {name}: {line}" for name, said in sorted(self.remarks.items()) for line in said
        ]
        return "\n".join([head, *failures, *notes])
