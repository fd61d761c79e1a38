"""COVID-19-AR of The Cancer Imaging Archive: `COVID-19-AR-16406488/<study>/<series>/*.dcm`.

Radiographs lie beside the CT and are passed over; scout views and short series are refused by name.
"""

import re
from collections.abc import Iterator

from training.ingest.dicom.candidates import series_candidates
from training.ingest.layout import LAYOUTS, Request
from training.ingest.scan import Candidate

PATIENT = re.compile(r"COVID-19-AR-\d+")
SOURCE = "COVID-19-AR, The Cancer Imaging Archive, doi:10.7937/tcia.2020.py71-5978"


@LAYOUTS.register("covid-19-ar")
def covid_19_ar(request: Request) -> Iterator[Candidate]:
    """Names are the collection's own."""
    return series_candidates(request, SOURCE, "CC BY 4.0", PATIENT)
