"""A drawn scan with one ball of a heart between two boxes of lung."""

import numpy as np

from training.label.critic.question import Question, Scan

MM = 4.0
SHAPE = (40, 30, 50)
HEART_AT = (20.0, 14.0, 27.0)


def ball(centre: tuple[float, float, float] = HEART_AT, radius_mm: float = 44.0) -> np.ndarray:
    grid = np.indices(SHAPE)
    away = [(axis - at) * MM for axis, at in zip(grid, centre, strict=True)]
    return np.asarray(np.sqrt(sum(a**2 for a in away)) < radius_mm)


def scan() -> Scan:
    """Return it: body everywhere but at the edge, lungs at the sides, the heart of 357 ml."""
    body = np.zeros(SHAPE, np.bool_)
    body[:, 1:-1, 1:-1] = True
    hu = np.where(body, -50, -1000).astype(np.int16)
    hu[5:35, 4:26, 3:22] = -850
    hu[5:35, 4:26, 28:47] = -850
    hu[ball()] = 45
    return Scan(hu, body, (MM, MM, MM))


def question(first: np.ndarray, second: np.ndarray, key: str = "heart") -> Question:
    return Question(key, scan(), first, second)
