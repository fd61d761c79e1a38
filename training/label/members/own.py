"""The volume's own label map, where it came with one."""

from training.label.port import MEMBERS, MemberUnavailable, Proposal, Setting, Subject
from training.label.total_ids import EVERY_ID


@MEMBERS.register("own")
class Own:
    """Labels that came with the volume; its `label_ids` say which ids were looked for."""

    def __init__(self, setting: Setting) -> None:
        """Need nothing."""
        del setting

    def propose(self, subject: Subject) -> Proposal:
        """Return the labels as they are."""
        volume = subject.volume
        if volume.labels is None:
            raise MemberUnavailable("the volume came without labels")
        return Proposal(volume.labels, volume.label_ids or EVERY_ID | {118})
