from pydicom.dataset import Dataset

from service.encoders.referenced_requests import referenced_requests
from tests.builders import build_dx


def test_a_source_without_an_order_has_no_request() -> None:
    assert referenced_requests(build_dx()) is None


def test_each_order_becomes_a_request_of_the_same_study() -> None:
    ordered, bare = Dataset(), Dataset()
    ordered.RequestedProcedureID, ordered.AccessionNumber = "RP-1", "A-2"
    source = build_dx(AccessionNumber="A-1", RequestAttributesSequence=[ordered, bare])

    requests = referenced_requests(source)

    assert requests is not None
    assert [r.AccessionNumber for r in requests] == ["A-2", "A-1"]
    assert [r.RequestedProcedureID for r in requests] == ["RP-1", ""]
    assert {r.StudyInstanceUID for r in requests} == {source.StudyInstanceUID}
