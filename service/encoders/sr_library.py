"""The image library of the report (TID 1600): the source image with its modality and size."""

from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

_MODALITY = codes.DCM.Modality
_MODALITIES = {
    "CR": codes.DCM.ComputedRadiography,
    "DX": codes.DCM.DigitalRadiography,
    "DR": codes.DCM.DigitalRadiography,
}


def entry(source: Dataset) -> Dataset:
    """Return what highdicom makes the library's entry from.

    It would want Imager Pixel Spacing and a Patient Orientation of every radiograph; many have
    neither, and the pixel size that counts stands beside the values made with it.
    """
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    made.Rows, made.Columns, made.Modality = source.Rows, source.Columns, "OT"
    return made


def state_modality(document: Dataset, source: Dataset) -> None:
    """Write the source's modality into the library of `document`.

    highdicom takes it from the SOP Class, which of a Secondary Capture says nothing. One without a
    modality is called radiographic imaging, as a digitised film is: only radiographs are analysed.
    """
    modality = _MODALITIES.get(source.Modality, codes.DCM.RadiographicImaging)
    for item in _below(document):
        if item.ConceptNameCodeSequence[0].CodeValue == _MODALITY.value:
            code = item.ConceptCodeSequence[0]
            code.CodeValue, code.CodeMeaning = modality.value, modality.meaning


def _below(document: Dataset) -> list[Dataset]:
    items = list(document.get("ContentSequence", []))
    return [each for item in items for each in (item, *_below(item))]
