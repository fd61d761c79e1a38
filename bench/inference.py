"""Milliseconds and megabytes a picture: our networks and the paper's, in PyTorch and ONNX Runtime.

The paper's architecture is Seibold et al.'s (U-Net with ResNet-50, 512 x 512 pixels, 159 labels);
ours is what is exported: every channel and union, 256 x 256 pixels. Speed and size do not depend
on what weights have learnt, so they are random; the packages of `models/` are measured as they are.
Each row is a process of its own, of which the peak memory is that of the whole process.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from bench.machine import facts
from service.inference.packages import find_packages
from service.settings import REPOSITORY

PAPER_SIZE, PAPER_LABELS, OUR_SIZE = 512, 159, 256
THREADS = 2
MEGABYTE = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: how it is called, what runs it, and with which arguments."""

    name: str
    runtime: str
    arguments: tuple[str, ...]
    file: Path | None = None


def network(name: str, channels: int) -> "torch.nn.Module":  # noqa: F821 - heavy, imported late
    """Return a network as it is exported, with random weights."""
    import torch

    from training.channels import TRAINED_KEYS
    from training.export.graph import Probabilities
    from training.fit.network import build_network

    torch.manual_seed(0)
    if name == "unet-resnet50":
        return torch.nn.Sequential(build_network(name, {}, channels), torch.nn.Sigmoid()).eval()
    settings = {"pretrained": False}
    return Probabilities(build_network(name, settings, channels), TRAINED_KEYS).eval()


def measure_torch(name: str, channels: str, size: str, runs: str) -> dict[str, float]:
    """Return milliseconds and peak megabytes in PyTorch."""
    import torch

    torch.set_num_threads(THREADS)
    built, image = network(name, int(channels)), torch.rand(1, 1, int(size), int(size))
    with torch.inference_mode():
        return _measured(lambda: built(image), int(runs))


def measure_onnx(path: str, size: str, runs: str) -> dict[str, float]:
    """Return milliseconds and peak megabytes in ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = THREADS
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).random((1, 1, int(size), int(size)), np.float32)
    return _measured(lambda: session.run(None, {session.get_inputs()[0].name: image}), int(runs))


def _measured(run: Callable[[], object], runs: int) -> dict[str, float]:
    run()
    times = []
    for _ in range(runs):
        started = perf_counter()
        run()
        times.append(perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE
    return {"milliseconds": 1000 * median(times), "fastest": 1000 * min(times), "peak": peak}


def export(name: str, channels: str, path: str) -> dict[str, float]:
    """Write the network as ONNX, and ours in half precision beside it."""
    from training.export.graph import write_onnx
    from training.export.halves import write_halved

    write_onnx(network(name, int(channels)), Path(path))
    write_halved(Path(path), Path(path).with_suffix(".fp16.onnx"))
    return {}


STEPS = {"torch": measure_torch, "onnx": measure_onnx, "export": export}


def step(*arguments: str) -> dict[str, float]:
    """Run one of STEPS in a process of its own; return what it prints."""
    command = [sys.executable, "-m", "bench.inference", "--step", *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def networks(folder: Path) -> Iterator[Row]:
    """Yield the rows of the paper's architecture and of ours, the graphs written into `folder`."""
    from training.channels import TRAINED_KEYS

    ours = f"ours (EfficientNet-Lite0, {OUR_SIZE}, {len(TRAINED_KEYS)} taught)"
    paper = f"the paper's (U-Net ResNet-50, {PAPER_SIZE}, {PAPER_LABELS})"
    for title, name, channels, size in (
        (paper, "unet-resnet50", PAPER_LABELS, PAPER_SIZE),
        (ours, "efficientnet-lite0", len(TRAINED_KEYS), OUR_SIZE),
    ):
        path = folder / f"{name}.onnx"
        step("export", name, str(channels), str(path))
        yield Row(title, "PyTorch", ("torch", name, str(channels), str(size)), path)
        for precision, file in (("fp32", path), ("fp16", path.with_suffix(".fp16.onnx"))):
            runtime = f"ONNX Runtime, {precision}"
            yield Row(title, runtime, ("onnx", str(file), str(size)), file)


def packages() -> Iterator[Row]:
    """Yield every file of every package of `models/`."""
    for package in find_packages(REPOSITORY / "models"):
        manifest = package.manifest
        files = {"fp32": manifest.weights.file}
        files |= {each.value: v.file for each, v in manifest.weights.variants.items()}
        for precision, name in files.items():
            path = package.folder / name
            title = f"{manifest.name} {manifest.version} ({manifest.output.channels} channels)"
            arguments = ("onnx", str(path), str(manifest.input.size))
            yield Row(title, f"ONNX Runtime, {precision}", arguments, path)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9, help="runs after one that is not counted")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        name, *arguments = options.step
        print(json.dumps(STEPS[name](*arguments)))
        return
    print(f"One picture, {THREADS} threads, median of {options.runs} (fastest), on")
    print(", ".join(f"{key}: {value}" for key, value in facts().items()), end="\n\n")
    print("| network | runtime | milliseconds | file, MB | peak memory, MB |")
    print("| --- | --- | --- | --- | --- |")
    with TemporaryDirectory() as folder:
        for row in (*networks(Path(folder)), *packages()):
            found = step(*row.arguments, str(options.runs))
            size = f"{row.file.stat().st_size / MEGABYTE:.1f}" if row.file else "-"
            times = f"{found['milliseconds']:.0f} ({found['fastest']:.0f})"
            print(f"| {row.name} | {row.runtime} | {times} | {size} | {found['peak']:.0f} |")
    print()


if __name__ == "__main__":
    main()
