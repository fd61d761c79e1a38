import pytest
from pydicom import config
from pydicom.dataelem import DataElement

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
    ObjectKind.GSPS: "1.2.840.10008.5.1.4.1.1.11.1",
    ObjectKind.KOS: "1.2.840.10008.5.1.4.1.1.88.59",
    ObjectKind.PDF: "1.2.840.10008.5.1.4.1.1.104.1",
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


@pytest.mark.parametrize("kind", ObjectKind)
def test_no_library_s_warning_quotes_the_patient(
    kind: ObjectKind, caplog: pytest.LogCaptureFixture
) -> None:
    """Warnings are errors here; highdicom and pydicom would put the name into one."""
    name = "Sentinel" * 10
    header = build_dx()
    with config.disable_value_validation():
        header["PatientName"] = DataElement("PatientName", "PN", name)

    made = encode(kind, analysis_of(header), header, VIEWER)

    assert str(made.PatientName) == name
    assert "Sentinel" not in caplog.text


@pytest.mark.parametrize("character_set", ["NONSENSE", "", ["ISO_IR 192", "ISO 2022 IR 87"]])
def test_a_character_set_that_nobody_knows_is_no_obstacle(character_set: object) -> None:
    header = build_dx()
    header.SpecificCharacterSet = character_set

    assert "SpecificCharacterSet" not in encode(ObjectKind.SR, analysis_of(header), header, VIEWER)


def test_a_kind_without_an_encoder_is_refused_by_name() -> None:
    with pytest.raises(UnknownPlugin, match="no encoder called 'x-ray'"):
        ENCODERS.get("x-ray")
