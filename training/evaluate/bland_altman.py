"""A Bland-Altman picture: the difference of two measurements over their mean."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from training.evaluate.agreement import Agreement, Ratio

WIDTH, HEIGHT = 900, 520
LEFT, RIGHT, TOP, BOTTOM = 90, 190, 40, 60
RADIUS = 4
INK, GREY, BLUE, RED = (30, 30, 30), (210, 210, 210), (0, 114, 178), (213, 94, 0)
TEXT = 15

Pair = tuple[float, float]


def draw(ratios: Sequence[Ratio], agreement: Agreement, path: Path) -> Path:
    """Write a PNG: one point a film, the bias and the limits of agreement as lines."""
    _drawn(ratios, agreement).save(path, "PNG", optimize=True)
    return path


def as_uri(ratios: Sequence[Ratio], agreement: Agreement) -> str:
    """The same picture as a data URI, for a page that holds everything itself."""
    stream = io.BytesIO()
    _drawn(ratios, agreement).save(stream, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def _drawn(ratios: Sequence[Ratio], agreement: Agreement) -> Image.Image:
    points = [
        ((r.found + r.published) / 2, r.found - r.published)
        for r in ratios
        if r.found is not None and r.published is not None
    ]
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    plot = _Plot(ImageDraw.Draw(image), points)
    plot.axes()
    plot.level(agreement.bias, f"bias {agreement.bias:+.3f}", BLUE)
    for limit in agreement.limits:
        plot.level(limit, f"{limit:+.3f}", RED)
    plot.points(points)
    return image


class _Plot:
    """Axes that hold all points, symmetric about zero difference."""

    def __init__(self, canvas: ImageDraw.ImageDraw, points: Sequence[Pair]) -> None:
        self.canvas = canvas
        self.font = ImageFont.load_default(TEXT)
        means = [mean for mean, _ in points]
        self.low, self.high = min(means) - 0.02, max(means) + 0.02
        self.reach = 1.15 * max(abs(difference) for _, difference in points)

    def at(self, mean: float, difference: float) -> Pair:
        """Where a point lies on the canvas."""
        x = (mean - self.low) / (self.high - self.low)
        y = (self.reach - difference) / (2 * self.reach)
        return LEFT + x * (WIDTH - LEFT - RIGHT), TOP + y * (HEIGHT - TOP - BOTTOM)

    def axes(self) -> None:
        """Frame, zero line, ticks every 0.1 and every 0.02, titles."""
        self.canvas.rectangle([*self.at(self.low, self.reach), *self.at(self.high, -self.reach)],
                              outline=GREY)  # fmt: skip
        self.level(0.0, "", GREY)
        for tenth in range(int(self.low * 10) + 1, int(self.high * 10) + 1):
            x, y = self.at(tenth / 10, -self.reach)
            self.canvas.text((x - 10, y + 6), f"{tenth / 10:.1f}", INK, self.font)
        steps = int(self.reach / 0.02)
        for step in range(-(steps // 2) * 2, steps + 1, 2):
            x, y = self.at(self.low, step * 0.02)
            self.canvas.text((x - 55, y - 9), f"{step * 0.02:+.2f}", INK, self.font)
        self.canvas.text((LEFT, HEIGHT - 28), "mean of both ratios", INK, self.font)
        self.canvas.text((10, 10), "ratio found minus ratio published", INK, self.font)

    def level(self, difference: float, text: str, colour: tuple[int, int, int]) -> None:
        """A horizontal line with its text beside it."""
        start, end = self.at(self.low, difference), self.at(self.high, difference)
        self.canvas.line([*start, *end], colour, 2)
        self.canvas.text((end[0] + 8, end[1] - 9), text, colour, self.font)

    def points(self, points: Sequence[Pair]) -> None:
        """One dot a film."""
        for mean, difference in points:
            x, y = self.at(mean, difference)
            self.canvas.ellipse([x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS], outline=INK)
