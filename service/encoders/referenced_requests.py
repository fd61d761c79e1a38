"""The orders that a document answers, as SR and Key Object Selection name them."""

from pydicom.dataset import Dataset


def referenced_requests(source: Dataset) -> list[Dataset] | None:
    """Return Referenced Request items for the source's Request Attributes (PS3.3 C.17.2)."""
    return [_request(item, source) for item in source.get("RequestAttributesSequence", [])] or None


def _request(attributes: Dataset, source: Dataset) -> Dataset:
    request = Dataset()
    request.StudyInstanceUID = source.StudyInstanceUID
    request.ReferencedStudySequence = []
    request.AccessionNumber = attributes.get("AccessionNumber") or source.AccessionNumber
    request.PlacerOrderNumberImagingServiceRequest = ""
    request.FillerOrderNumberImagingServiceRequest = ""
    request.RequestedProcedureID = attributes.get("RequestedProcedureID", "")
    request.RequestedProcedureDescription = attributes.get("RequestedProcedureDescription", "")
    request.RequestedProcedureCodeSequence = attributes.get("RequestedProcedureCodeSequence", [])
    return request
