"""Lungs and airway from HU and geometry."""

import numpy as np

from training.label.port import MEMBERS, Proposal, Setting, Subject
from training.label.total_ids import LEFT_LUNG, RIGHT_LUNG, TRACHEA


@MEMBERS.register("rules")
class RulesMember:
    """Both lungs as wholes, and the airway where it was found."""

    def __init__(self, setting: Setting) -> None:
        """Need nothing."""
        del setting

    def propose(self, subject: Subject) -> Proposal:
        """Return what the rules saw in this volume."""
        rules = subject.rules
        labels = np.zeros(rules.body.shape, np.uint8)
        labels[rules.right_lung], labels[rules.left_lung] = RIGHT_LUNG, LEFT_LUNG
        labels[rules.trachea] = TRACHEA
        airway = {TRACHEA} if rules.carina is not None else set()
        return Proposal(labels, frozenset({RIGHT_LUNG, LEFT_LUNG} | airway))
