"""A small network trained on what the other members agree on (`training.label.student`)."""

from training.label.port import MEMBERS, MemberUnavailable, Proposal, Setting, Subject
from training.label.student import Student


@MEMBERS.register("student")
class StudentMember:
    """Predicts the classes of its checkpoint."""

    def __init__(self, setting: Setting) -> None:
        """Need a checkpoint."""
        if setting.student is None:
            raise MemberUnavailable("no student checkpoint is named")
        if not setting.student.exists():
            raise MemberUnavailable(f"there is no student checkpoint at {setting.student}")
        self._student = Student.load(setting.student)

    def propose(self, subject: Subject) -> Proposal:
        """Return the network's labels."""
        return Proposal(self._student.predict(subject.volume), frozenset(self._student.ids))
