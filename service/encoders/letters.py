"""The letters of pictures and pages: Bitstream Vera, which comes with reportlab.

Nothing is asked of the system, so that the same result looks the same, and has the same bytes,
on every machine. It has the letters of western Europe, and the signs that units need.
"""

from functools import cache
from pathlib import Path

import reportlab
from PIL import ImageFont

FOLDER = Path(reportlab.__file__).parent / "fonts"
REGULAR, BOLD = FOLDER / "Vera.ttf", FOLDER / "VeraBd.ttf"
_SMALLEST = 8


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(REGULAR, size, layout_engine=ImageFont.Layout.BASIC)


def font(size: float) -> ImageFont.FreeTypeFont:
    """Return the font at `size` picture pixels, 8 at least."""
    return _font(max(_SMALLEST, round(size)))


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return `text` in lines that are no wider than `width`; a longer word stands alone."""
    letters = font(size)
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and letters.getlength(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
