"""An ONNX Runtime session of one model package."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from service.domain.model import Runtime
from service.errors import ModelPackageError, OutOfResources
from service.inference.manifest import ModelPackage


class Segmenter:
    """A package whose graph is open; one per process and package, opened after fork."""

    def __init__(self, package: ModelPackage, providers: Sequence[str] = ()) -> None:
        self.package = package
        self._session = _opened(package.weights_path, chosen_providers(providers))
        probe = package.storing_path
        # Too small for another device than this one, and the same on every machine.
        self._storing = _opened(probe, ["CPUExecutionProvider"]) if probe else None
        self._check_graph()

    @property
    def runtime(self) -> Runtime:
        """Return what runs the weights, and from which probability on a pixel counts."""
        return Runtime(
            f"onnxruntime {onnxruntime.__version__}",
            self.providers[0],
            tuple((label.key, label.threshold) for label in self.package.labels),
            self.package.settings_sha256,
        )

    @property
    def providers(self) -> tuple[str, ...]:
        """Return the execution providers in use."""
        return tuple(self._session.get_providers())

    def probabilities(self, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return float32 (batch, channels, size / stride, size / stride), 0-1.

        tensor: float32 (batch, 1, size, size). Raises OutOfResources when the device has no memory
        left for it.
        """
        manifest = self.package.manifest
        return _run(self._session, manifest.output.tensor, {manifest.input.tensor: tensor})

    def storing(self, tensor: NDArray[np.float32]) -> NDArray[np.float32] | None:
        """Return how the package's probe says that pictures were stored; None without a probe.

        float32 (batch, 2 views, 2 polarities, 2 mirrors, 4 turns) for float32 (batch, 1, size,
        size). Raises OutOfResources.
        """
        if self._storing is None:
            return None
        return _run(self._storing, "storing", {"image": tensor})

    def _check_graph(self) -> None:
        manifest = self.package.manifest
        inputs = {tensor.name for tensor in self._session.get_inputs()}
        outputs = {tensor.name: tensor.shape for tensor in self._session.get_outputs()}
        if manifest.input.tensor not in inputs or manifest.output.tensor not in outputs:
            raise ModelPackageError("tensor names differ from the graph", code="shape_mismatch")
        if outputs[manifest.output.tensor][1] != manifest.output.channels:
            raise ModelPackageError("channel count differs from the graph", code="shape_mismatch")


def chosen_providers(wanted: Sequence[str]) -> list[str]:
    """Return the wanted providers, or the available ones that need no preparation, best first.

    TensorRT builds an engine for minutes at first use, and Azure is a service elsewhere: they
    have to be asked for by name.
    Raises ModelPackageError naming a wanted provider that this installation lacks.
    """
    available = onnxruntime.get_available_providers()
    if not wanted:
        return [name for name in available if not name.startswith(("Tensorrt", "Azure"))]
    missing = [name for name in wanted if name not in available]
    if missing:
        raise ModelPackageError(
            f"execution provider {', '.join(missing)} is not available; "
            f"there is {', '.join(available)}",
            code="provider_missing",
        )
    return list(wanted)


def _run(
    session: onnxruntime.InferenceSession, output: str, given: dict[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    try:
        (found,) = session.run([output], given)
    except Exception as error:  # onnxruntime's exceptions have no public common class
        raise OutOfResources("inference failed on this device", code="inference") from error
    return np.asarray(found, dtype=np.float32)


def _opened(path: Path, providers: list[str]) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=providers)
    except Exception as error:  # as above
        raise ModelPackageError(f"{path.name} cannot be opened", code="graph_invalid") from error
