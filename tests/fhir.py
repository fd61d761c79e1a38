"""Results as they are stored, for tests of what is made of them later."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from service.domain.analysis import Analysis, EncodedObject
from service.encoders.result_json import done_document
from tests.phantoms import phantom_analysis


def stored(analysis: Analysis, objects: Sequence[EncodedObject] = ()) -> dict[str, Any]:
    """Return the result.json of the analysis as its reader gets it."""
    read: dict[str, Any] = json.loads(json.dumps(done_document(analysis, objects, {})))
    return read


def with_first(**keywords: Any) -> Analysis:  # noqa: ANN401 - any of the fields
    """Return the phantom's analysis with its first measurement changed."""
    analysis = phantom_analysis()
    first, *others = analysis.measurements
    return replace(analysis, measurements=(replace(first, **keywords), *others))
