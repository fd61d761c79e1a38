"""Line charts with intervals as SVG text, for pages and documents; no plotting library needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 420, 270
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 44, 46
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
DASHES = ("", "6 3", "2 3", "8 3 2 3")
STEPS = 5


@dataclass(frozen=True, slots=True)
class Place:
    """One point of a line: where it stands on the x axis, its value and its interval."""

    x: float
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """A named line; lines differ by colour and by dashes."""

    name: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over ticks (position, label); `bottom` to `top` is what the y axis holds."""

    title: str
    x_title: str
    y_title: str
    ticks: tuple[tuple[float, str], ...]
    lines: tuple[Line, ...]
    bottom: float = 0.0
    top: float = 1.0

    def svg(self) -> str:
        """A self-contained SVG element."""
        parts = [self._frame(), *self._x_axis(), *self._y_axis()]
        for place, line in enumerate(self.lines):
            parts += self._line(line, COLOURS[place % 4], DASHES[place % 4])
            parts.append(self._key(line.name, place))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="11" '
            f'aria-label="{escape(self.title)}">{"".join(parts)}</svg>'
        )

    def _x(self, position: float) -> float:
        positions = [tick for tick, _ in self.ticks]
        reach = (positions[-1] - positions[0]) or 1
        return LEFT + 10 + (position - positions[0]) / reach * (WIDTH - LEFT - RIGHT - 20)

    def _y(self, value: float) -> float:
        share = (min(max(value, self.bottom), self.top) - self.bottom) / (self.top - self.bottom)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def _frame(self) -> str:
        return (
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
            f'<text x="{LEFT}" y="16" font-size="13" font-weight="bold">{escape(self.title)}</text>'
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
            f"{escape(self.x_title)}</text>"
            f'<text transform="translate(13 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" '
            f'text-anchor="middle">{escape(self.y_title)}</text>'
        )

    def _x_axis(self) -> list[str]:
        y = HEIGHT - BOTTOM
        axis = f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#555"/>'
        return [axis] + [
            f'<text x="{self._x(at):.1f}" y="{y + 15}" text-anchor="middle">{escape(label)}</text>'
            for at, label in self.ticks
        ]

    def _y_axis(self) -> list[str]:
        found = []
        for step in range(STEPS + 1):
            value = self.bottom + (self.top - self.bottom) * step / STEPS
            y = self._y(value)
            found.append(
                f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
                f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:.2f}</text>'
            )
        return found

    def _line(self, line: Line, colour: str, dash: str) -> list[str]:
        upper = [f"{self._x(p.x):.1f},{self._y(p.high):.1f}" for p in line.places]
        lower = [f"{self._x(p.x):.1f},{self._y(p.low):.1f}" for p in reversed(line.places)]
        middle = [f"{self._x(p.x):.1f},{self._y(p.mean):.1f}" for p in line.places]
        dots = [
            f'<circle cx="{at.split(",")[0]}" cy="{at.split(",")[1]}" r="3" fill="{colour}">'
            f"<title>{escape(line.name)}: {p.mean:.3f} ({p.low:.3f} to {p.high:.3f})</title>"
            "</circle>"
            for at, p in zip(middle, line.places, strict=True)
        ]
        band = f'<polygon points="{" ".join(upper + lower)}" fill="{colour}" opacity="0.18"/>'
        stroke = (
            f'<polyline points="{" ".join(middle)}" fill="none" stroke="{colour}" '
            f'stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        return [band, stroke, *dots]

    def _key(self, name: str, place: int) -> str:
        x = LEFT + 140 * (place % 2)
        y = 31 if len(self.lines) <= 2 else 27 + 11 * (place // 2)  # noqa: PLR2004 - two a row
        return (
            f'<path d="M{x} {y - 4}h20" stroke="{COLOURS[place % 4]}" stroke-width="2" '
            f'stroke-dasharray="{DASHES[place % 4]}"/><text x="{x + 26}" y="{y}">'
            f"{escape(name)}</text>"
        )


def evenly_spaced(labels: Sequence[str]) -> tuple[tuple[float, str], ...]:
    """Ticks at equal distances: for strengths of which only the order matters."""
    return tuple((float(place), label) for place, label in enumerate(labels))
