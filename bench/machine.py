"""Print what the numbers of the other scripts were measured on, as a markdown table."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import onnxruntime
import psutil

REPOSITORY = Path(__file__).resolve().parents[1]
GIGABYTE = 1024**3


def facts() -> dict[str, str]:
    """Return the machine's and the software's description."""
    return {
        "processor": f"{processor()}, {os.cpu_count()} cores",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "memory": f"{psutil.virtual_memory().total / GIGABYTE:.0f} GB",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "onnxruntime": onnxruntime.__version__,
        "providers": ", ".join(onnxruntime.get_available_providers()),
        "Thorax": f"{version('thorax')}, commit {commit()}",
    }


def processor() -> str:
    """Return the processor's name where the system tells it."""
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str:
    """Return the short commit id, marked when files differ from it; "unknown" outside git."""
    command = ["git", "-C", str(REPOSITORY), "describe", "--always", "--dirty"]
    described = subprocess.run(command, check=False, capture_output=True, text=True)
    return described.stdout.strip() or "unknown"


def main() -> None:
    """Print the table."""
    print("| machine | |\n|---|---|")
    for name, value in facts().items():
        print(f"| {name} | {value} |")
    print()


if __name__ == "__main__":
    main()
