"""The two validators that judge every object: dciodvfy for all, Pixelmed for structured reports."""

import subprocess
from pathlib import Path

from tests.peers import require

# Its tables know no code for a radiograph of the chest; the context group is extensible.
KNOWN_FALSE_ALARM = "not found in context group 100"
PATIENCE_SECONDS = 600  # it compiles its stylesheets anew each time: ten seconds on a quiet core
# Java 17 stops its stylesheets otherwise (JAXP0801003).
_JAVA_LIMITS = (
    "-Djdk.xml.xpathExprOpLimit=0",
    "-Djdk.xml.xpathTotalOpLimit=0",
    "-Djdk.xml.xpathExprGrpLimit=0",
)


def dciodvfy_errors(path: Path) -> list[str]:
    """Return what dciodvfy finds wrong with the object at `path`; skips without dciodvfy."""
    judged = subprocess.run(
        [require("dciodvfy"), path], check=False, capture_output=True, text=True, timeout=60
    )
    findings = (judged.stdout + judged.stderr).splitlines()
    assert findings, "dciodvfy said nothing at all"
    return [line for line in findings if line.startswith(("Error", "Abort"))]


def pixelmed_errors(path: Path) -> list[str]:
    """Return what Pixelmed's validator finds wrong with the report, but its known false alarm."""
    command = [str(require("java")), *_JAVA_LIMITS, "-cp", str(require("pixelmed"))]
    judged = subprocess.run(
        [*command, "com.pixelmed.validate.DicomSRValidator", str(path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    findings = (judged.stdout + judged.stderr).splitlines()
    assert "IOD validation complete" in findings, findings
    errors = [line for line in findings if line.startswith("Error")]
    return [line for line in errors if KNOWN_FALSE_ALARM not in line]
