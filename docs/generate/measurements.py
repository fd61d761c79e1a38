"""`make docs`: write docs/measurements.md and its pictures."""

from pathlib import Path

from docs.generate.golden_film import picture
from docs.generate.measurement_page import measurement_page, picture_name
from service.measurements.registry import MEASUREMENTS

DOCS = Path(__file__).resolve().parents[1]
PAGE, PICTURES = DOCS / "measurements.md", DOCS / "images" / "measurements"
QUALITY = 80


def write_measurements() -> None:
    """Write the page and one picture for each definition; pictures of what is gone are removed."""
    PAGE.write_text(measurement_page(), encoding="utf-8")
    PICTURES.mkdir(parents=True, exist_ok=True)
    wanted = {picture_name(definition): definition for _, definition in MEASUREMENTS}
    for path in PICTURES.glob("*.jpg"):
        if path.name not in wanted:
            path.unlink()
    for name, definition in wanted.items():
        picture(definition).save(PICTURES / name, "JPEG", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    write_measurements()
