from pathlib import Path

import numpy as np

from training.ingest.volume import Volume
from training.label.student import Lesson, Shape, Student, teach
from training.label.total_ids import HEART, LEFT_LOBES

SMALL = Shape(spacing_mm=12.0, patch=16, width=8)


def lesson(phantom: Volume) -> Lesson:
    labels = np.select([phantom.hu == -850, phantom.hu == 45], [LEFT_LOBES[0], HEART], 0)
    return Lesson(phantom, labels.astype(np.uint8), np.ones(phantom.hu.shape, bool))


def test_a_student_learns_and_its_checkpoint_predicts_the_same(
    tmp_path: Path, phantom: Volume
) -> None:
    student = Student.new((LEFT_LOBES[0], HEART), SMALL, seed=1)
    losses = teach(student, [lesson(phantom)], steps=40, seed=1)
    assert np.mean(losses[-5:]) < 0.7 * np.mean(losses[:5])
    found = student.predict(phantom)
    assert found.shape == phantom.hu.shape
    lung = phantom.hu == -850
    assert (found[lung] == LEFT_LOBES[0]).mean() > (found[~lung] == LEFT_LOBES[0]).mean() + 0.3
    student.save(tmp_path / "student.pt")
    assert (Student.load(tmp_path / "student.pt").predict(phantom) == found).all()


def test_what_is_not_agreed_on_teaches_nothing(phantom: Volume) -> None:
    student = Student.new((HEART,), SMALL, seed=1)
    before = [p.clone() for p in student.network.parameters()]
    silent = Lesson(phantom, lesson(phantom).labels, np.zeros(phantom.hu.shape, bool))
    assert teach(student, [silent], steps=2, seed=1) == []
    after = student.network.parameters()
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
