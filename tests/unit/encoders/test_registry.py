import pytest

from service.domain.analysis import ObjectKind
from service.encoders.registry import ENCODERS, encode
from service.errors import UnknownPlugin
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.peers import REPOSITORY
from tests.phantoms import phantom_analysis

SOP_CLASSES = {
    ObjectKind.SEG: "1.2.840.10008.5.1.4.1.1.66.4",
    ObjectKind.SR: "1.2.840.10008.5.1.4.1.1.88.33",
    ObjectKind.SC: "1.2.840.10008.5.1.4.1.1.7",
}


@pytest.mark.parametrize("kind", ObjectKind)
def test_each_kind_is_encoded_as_its_sop_class(kind: ObjectKind) -> None:
    header = build_dx()

    made = encode(kind, analysis_of(header), header, VIEWER)

    assert made.SOPClassUID == SOP_CLASSES[kind]
    assert made.file_meta.MediaStorageSOPInstanceUID == made.SOPInstanceUID


def test_every_kind_has_an_encoder() -> None:
    header = build_dx()
    encode(ObjectKind.SR, analysis_of(header), header, VIEWER)

    assert set(ENCODERS.names()) == {str(kind) for kind in ObjectKind}


@pytest.mark.parametrize("kind", ObjectKind)
def test_every_kind_is_documented_with_its_sop_class(kind: ObjectKind) -> None:
    page = (REPOSITORY / "docs" / "objects.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith(f"| `{kind}` |"))

    assert SOP_CLASSES[kind] in row


def test_every_private_code_is_documented() -> None:
    page = (REPOSITORY / "docs" / "objects.md").read_text(encoding="utf-8")
    private = {m.code for m in phantom_analysis(16, 16).measurements if m.code.scheme == "99THORAX"}

    assert private
    assert all(f"| {c.scheme} | {c.value} | {c.meaning} |" in page for c in private)


def test_a_kind_without_an_encoder_is_refused_by_name() -> None:
    with pytest.raises(UnknownPlugin, match="no encoder called 'gsps'"):
        ENCODERS.get("gsps")
