"""Collections of the Imaging Data Commons, downloaded with `idc-index` where it is installed."""

from pathlib import Path
from typing import Any

INSTALL = "idc-index is not installed: pip install idc-index"
TREE = "%PatientID/%StudyInstanceUID/%SeriesInstanceUID"
QUERY = (
    "SELECT SeriesInstanceUID FROM index WHERE collection_id = '{}' AND Modality IN ('CT', 'SEG') "
    "ORDER BY PatientID, SeriesInstanceUID"
)


class DownloadFailed(RuntimeError):
    """What is missing, in words for whoever typed the command."""


def download(collection: str, out: Path, limit: int | None = None, client: Any = None) -> int:  # noqa: ANN401
    """Download CT and SEG series of a collection into `out`; returns how many series.

    `collection` is the name in the commons (`lidc_idri`, `covid_19_ar`); the hyphens of the
    archive's own names are understood. Raises DownloadFailed.
    """
    name = collection.lower().replace("-", "_")
    if not name.replace("_", "").isalnum():
        raise DownloadFailed(f"{collection!r} is no name of a collection")
    commons = client or _client()
    series = list(commons.sql_query(QUERY.format(name))["SeriesInstanceUID"])[:limit]
    if not series:
        raise DownloadFailed(f"the commons know no CT of a collection {name!r}")
    out.mkdir(parents=True, exist_ok=True)
    commons.download_from_selection(
        downloadDir=str(out), seriesInstanceUID=series, dirTemplate=TREE
    )
    return len(series)


def _client() -> Any:  # noqa: ANN401 - idc-index has no types
    try:
        from idc_index import IDCClient
    except ImportError as error:
        raise DownloadFailed(INSTALL) from error
    return IDCClient.client()
