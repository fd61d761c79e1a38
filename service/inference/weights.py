"""The files of one graph: in fp32, and with weights kept otherwise."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Precision(StrEnum):
    """How finely a file keeps the weights; input and output are float32 in any of them."""

    FP32 = "fp32"
    FP16 = "fp16"
    INT8 = "int8"


class Variant(_Strict):
    """The same graph with weights kept otherwise.

    difference: largest one in probability from what was trained, on the golden inputs. lost_iou:
    mean IoU lost against the fp32 file; None where nothing was scored.
    """

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    difference: float = Field(ge=0)
    lost_iou: float | None = None


class Weights(_Strict):
    """The ONNX file in fp32 and its variants; a hash decides whether a file may be used.

    preferred: which of them to take on a CPU, where nobody says otherwise.
    """

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    opset: int
    variants: dict[Precision, Variant] = {}
    preferred: Precision = Precision.FP32

    def chosen(self, wanted: Precision | None) -> "Weights | Variant":
        """Return the wanted file, the preferred one for None; fp32 where there is no such file."""
        return self.variants.get(wanted or self.preferred, self)
