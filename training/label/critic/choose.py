"""Two sources' labels of one scan: where they differ, which is taken, and the record of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from training.durable import write_json
from training.label.critic.pictures import side_by_side
from training.label.critic.question import Answer, Choice, Judge, JudgeFailed, Question, Scan
from training.label.labelled import Labels

ALIKE_DICE = 0.9
ROUNDING = 1e-9
RECORD = "critic.json"


@dataclass(frozen=True, slots=True)
class Sources:
    """Two sources' label maps (z, y, x); the preferred one stays where in doubt."""

    preferred_name: str
    preferred: Labels
    other_name: str
    other: Labels


@dataclass(frozen=True, slots=True)
class Decision:
    """Whose mask of a structure is taken. `undecided`: the judge did not say the same twice."""

    key: str
    chosen: str
    other: str
    undecided: bool
    dice: float
    answers: tuple[Answer, ...]
    """In both orders: the preferred source first, then the other one first."""

    def in_words(self) -> str:
        """Return one line for the record of the volume."""
        if self.undecided:
            return f"{self.key}: the judge is undecided, {self.chosen} or {self.other}"
        return f"{self.key}: {self.chosen} rather than {self.other}, Dice {self.dice:.2f}"


def choose(question: Question, judge: Judge, names: tuple[str, str], dice: float) -> Decision:
    """Ask in both orders; `names` are the sources of the first and of the second mask.

    Answers that contradict each other, or a judge that fails, leave the first source.
    """
    turned = Question(question.key, question.scan, question.second, question.first)
    try:
        answers = (judge.better(question), judge.better(turned))
    except JudgeFailed as failure:
        answer = Answer(Choice.NEITHER, str(failure))
        return Decision(question.key, *names, undecided=True, dice=dice, answers=(answer,))
    said = (answers[0].choice, answers[1].choice)
    if said == (Choice.SECOND, Choice.FIRST):
        return Decision(question.key, *names[::-1], undecided=False, dice=dice, answers=answers)
    undecided = said != (Choice.FIRST, Choice.SECOND)
    return Decision(question.key, *names, undecided=undecided, dice=dice, answers=answers)


def criticise(
    scan: Scan,
    sources: Sources,
    values: Mapping[str, int],
    judge: Judge,
    folder: Path | None = None,
) -> tuple[Decision, ...]:
    """Decide every key on which the sources really differ; with `folder`, record it with pictures.

    `values` are the keys that both sources know, with their value in the label maps.
    """
    dices = _dices(sources, values)
    names = (sources.preferred_name, sources.other_name)
    decisions = []
    for key in differing(dices):
        masks = (labels == values[key] for labels in (sources.preferred, sources.other))
        question = Question(key, scan, *masks)
        decisions.append(choose(question, judge, names, dices[key]))
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(side_by_side(question)).save(folder / f"{key}.png")
    if folder is not None and decisions:
        write_record(folder, decisions, names)
    return tuple(decisions)


def differing(dices: Mapping[str, float]) -> list[str]:
    """Return the keys worth asking about: Dice not above mean less deviation, and below 0.9."""
    if not dices:
        return []
    values = np.array(list(dices.values()))
    # A list of two has its lower value for a limit, and rounding must not leave it out.
    usual = float(values.mean() - values.std()) + ROUNDING
    return [key for key, dice in dices.items() if dice <= usual and dice < ALIKE_DICE]


def write_record(folder: Path, decisions: Sequence[Decision], names: tuple[str, str]) -> None:
    """Write `critic.json`: the sources, and every decision with its answers and its picture."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = [{**asdict(d), "picture": f"{d.key}.png"} for d in decisions]
    content = {"preferred": names[0], "other": names[1], "decisions": entries}
    write_json(folder / RECORD, json.loads(json.dumps(content)))


def _dices(sources: Sources, values: Mapping[str, int]) -> dict[str, float]:
    """Return the Dice of every key, in the keys' order; 1 where neither source has a voxel."""
    one, other = sources.preferred, sources.other
    counts = [np.bincount(labels.ravel(), minlength=256) for labels in (one, other)]
    both = np.bincount(one[one == other], minlength=256)
    together = counts[0] + counts[1]
    return {
        key: float(2 * both[at] / together[at]) if together[at] else 1.0
        for key, at in sorted(values.items())
    }
