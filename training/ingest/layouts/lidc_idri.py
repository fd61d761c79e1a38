"""LIDC-IDRI of The Cancer Imaging Archive: `LIDC-IDRI-0001/<study>/<series>/*.dcm`.

The tree of the NBIA retriever, of idc-index or any other: the series are found by their headers.
Chest radiographs (DX, CR) and the XML of nodules lie beside them and are passed over, and so are
segmentations of nodules, which name no structure.
"""

import re
from collections.abc import Iterator

from training.ingest.dicom.candidates import series_candidates
from training.ingest.layout import LAYOUTS, Request
from training.ingest.scan import Candidate

PATIENT = re.compile(r"LIDC-IDRI-\d{4}")
SOURCE = "LIDC-IDRI, The Cancer Imaging Archive, doi:10.7937/K9/TCIA.2015.LO9QL9SX"


@LAYOUTS.register("lidc-idri")
def lidc_idri(request: Request) -> Iterator[Candidate]:
    """Names are the collection's own."""
    return series_candidates(request, SOURCE, "CC BY 3.0", PATIENT)
