"""Where the X-ray source, the detector and the patient stand, and which voxel a ray meets.

Room axes in mm: x along the picture's columns, y from the detector to the source of a PA view,
z to the head; the origin is the centre of the volume. Patient axes: x to the patient's left, y to
the back, z to the head. For frontal views both agree, so the patient's right is on the left of the
picture, as a reader sees it. For a lateral view the patient turns a quarter: the left side at the
detector, the front on the picture's left.
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import torch

PA_SOURCE_TO_DETECTOR_MM = 1800.0
AP_SOURCE_TO_DETECTOR_MM = 1000.0
LATERAL_SOURCE_TO_DETECTOR_MM = 1800.0


class ViewKind(StrEnum):
    """How the patient stands; the values are DICOM's View Positions, as the service names them."""

    PA = "PA"
    AP = "AP"
    LATERAL = "LATERAL"


@dataclass(frozen=True, slots=True)
class View:
    """One exposure. `centre_*` is where the central ray meets the detector, in room mm.

    `source_y_mm` is positive for PA and lateral (the source behind what faces the detector),
    negative for AP. The picture has `rows` x `columns` pixels of `pixel_mm` around the centre.
    Angles turn the patient: yaw about z, pitch about x, roll about y. Parallel rays come from the
    source's side and do not enlarge.
    """

    source_y_mm: float
    detector_y_mm: float
    centre_x_mm: float
    centre_z_mm: float
    rows: int
    columns: int
    pixel_mm: float
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0
    kind: ViewKind = ViewKind.PA
    is_parallel: bool = False

    @property
    def source_to_detector_mm(self) -> float:
        """Length of the central ray."""
        return abs(self.source_y_mm - self.detector_y_mm)

    @property
    def is_tilted(self) -> bool:
        """Whether the patient is turned, apart from the quarter turn of a lateral view."""
        return not self.yaw_deg == self.pitch_deg == self.roll_deg == 0

    @property
    def turn_deg(self) -> float:
        """Yaw with the quarter turn of a lateral view."""
        return self.yaw_deg + (90.0 if self.kind is ViewKind.LATERAL else 0.0)


def frontal_view(
    *,
    anteroposterior: bool,
    depth_mm: float,
    gap_mm: float,
    centre: tuple[float, float],
    size: tuple[int, int],
    pixel_mm: float,
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> View:
    """A PA or AP view of a patient `depth_mm` thick, skin `gap_mm` from the detector."""
    away = depth_mm / 2 + gap_mm
    distance = AP_SOURCE_TO_DETECTOR_MM if anteroposterior else PA_SOURCE_TO_DETECTOR_MM
    detector_y = away if anteroposterior else -away
    source_y = detector_y - distance if anteroposterior else detector_y + distance
    kind = ViewKind.AP if anteroposterior else ViewKind.PA
    return View(source_y, detector_y, *centre, *size, pixel_mm, *angles, kind=kind)


def lateral_view(
    *,
    width_mm: float,
    gap_mm: float,
    centre: tuple[float, float],
    size: tuple[int, int],
    pixel_mm: float,
    angles: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> View:
    """A left lateral view of a patient `width_mm` wide; `centre` is (patient's y, z) in mm."""
    detector_y = -(width_mm / 2 + gap_mm)
    source_y = detector_y + LATERAL_SOURCE_TO_DETECTOR_MM
    kind = ViewKind.LATERAL
    return View(source_y, detector_y, *centre, *size, pixel_mm, *angles, kind=kind)


def project_point(view: View, point_mm: tuple[float, float, float]) -> tuple[float, float]:
    """Pinhole formula: (row, column) of a room point (x, y, z)."""
    x, y, z = point_mm
    enlarged = 1.0
    if not view.is_parallel:
        enlarged = (view.detector_y_mm - view.source_y_mm) / (y - view.source_y_mm)
    u = (x - view.centre_x_mm) * enlarged
    v = -(z - view.centre_z_mm) * enlarged
    return v / view.pixel_mm + (view.rows - 1) / 2, u / view.pixel_mm + (view.columns - 1) / 2


def project_patient_point(view: View, point_mm: tuple[float, float, float]) -> tuple[float, float]:
    """(row, column) of a patient point (x to the left, y to the back, z to the head)."""
    x, y, z = (rotation(view).T @ torch.tensor(point_mm)).tolist()
    return project_point(view, (x, y, z))


def rotation(view: View) -> torch.Tensor:
    """3 x 3 matrix, room (x, y, z) to patient: yaw about z, pitch about x, roll about y."""
    yaw, pitch, roll = (math.radians(a) for a in (view.turn_deg, view.pitch_deg, view.roll_deg))
    about_z = [[math.cos(yaw), -math.sin(yaw), 0], [math.sin(yaw), math.cos(yaw), 0], [0, 0, 1]]
    about_x = [
        [1, 0, 0],
        [0, math.cos(pitch), -math.sin(pitch)],
        [0, math.sin(pitch), math.cos(pitch)],
    ]
    about_y = [[math.cos(roll), 0, math.sin(roll)], [0, 1, 0], [-math.sin(roll), 0, math.cos(roll)]]
    return torch.tensor(about_y) @ torch.tensor(about_x) @ torch.tensor(about_z)


def ray_points(view: View, planes_y_mm: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """Room points (planes, rows, columns, 3) where rays cross coronal planes.

    The rays go through `rows` x `columns` detector points spread evenly over the picture, corner
    pixels included. Positions are bilinear in detector position and depth, so a coarse set may be
    interpolated to the full picture without error.
    """
    half_width = (view.columns - 1) / 2 * view.pixel_mm
    half_height = (view.rows - 1) / 2 * view.pixel_mm
    u = torch.linspace(-half_width, half_width, columns)
    v = torch.linspace(half_height, -half_height, rows)
    nearness = _nearness(view, planes_y_mm)
    x = view.centre_x_mm + nearness[:, None, None] * u[None, None, :]
    z = view.centre_z_mm + nearness[:, None, None] * v[None, :, None]
    y = planes_y_mm[:, None, None]
    return torch.stack(torch.broadcast_tensors(x, y, z), dim=-1)


def _nearness(view: View, planes_y_mm: torch.Tensor) -> torch.Tensor:
    """How far along the central ray a plane lies: 0 at the source, 1 at the detector."""
    if view.is_parallel:
        return torch.ones_like(planes_y_mm)
    return (planes_y_mm - view.source_y_mm) / (view.detector_y_mm - view.source_y_mm)


def obliquity(view: View) -> torch.Tensor:
    """(rows, columns) length of a ray per unit of depth: 1 on the central ray, more at the rim."""
    if view.is_parallel:
        return torch.ones(view.rows, view.columns)
    points = ray_points(view, torch.tensor([view.detector_y_mm]), view.rows, view.columns)[0]
    x, z = points[..., 0] - view.centre_x_mm, points[..., 2] - view.centre_z_mm
    distance = view.source_to_detector_mm
    return torch.sqrt(x**2 + z**2 + distance**2) / distance
