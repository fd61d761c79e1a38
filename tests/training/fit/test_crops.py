import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.fit.crops import box_of, cropped, inside, put_back, widened

SHARE = st.floats(0.1, 0.4)


def test_a_box_goes_round_its_mask() -> None:
    mask = torch.zeros(10, 20, dtype=torch.bool)
    mask[2:5, 4:16] = True
    assert box_of(mask).tolist() == pytest.approx([0.2, 0.5, 0.2, 0.8])
    assert (inside(box_of(mask)[None], (10, 20))[0] == mask).all()


def test_a_margin_and_its_opposite_cancel() -> None:
    boxes = torch.tensor([[0.2, 0.6, 0.1, 0.3]])
    assert torch.allclose(widened(widened(boxes, 0.25), -0.25 / 1.5), boxes, atol=1e-6)


@given(SHARE, SHARE, SHARE, SHARE)
def test_what_was_cut_out_goes_back_to_its_place(
    top: float, left: float, height: float, width: float
) -> None:
    rows, columns = torch.meshgrid(
        torch.linspace(0, 1, 64), torch.linspace(0, 1, 64), indexing="ij"
    )
    image = (rows + 2 * columns)[None, None]
    box = torch.tensor([[top, top + height, left, left + width]])
    back = put_back(cropped(image, box, 96), box, (64, 64))
    middle = inside(widened(box, -0.2), (64, 64))
    assert float((back - image)[0, 0][middle[0]].abs().max()) < 0.02
    assert float(back[0, 0][~inside(widened(box, 0.2), (64, 64))[0]].abs().max()) == 0
