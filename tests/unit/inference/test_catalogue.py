"""Which package reads which view."""

from pathlib import Path

import pytest

from service.domain.image import ViewPosition
from service.errors import ModelPackageError, NotEligible
from service.inference.catalogue import Catalogue
from service.inference.packages import find_packages
from tests.unit.inference.conftest import WritePackage


def test_versions_are_ordered_as_numbers(write_package: WritePackage, tmp_path: Path) -> None:
    for version in ("1.10.0", "1.9.0", "0.1.0"):
        write_package(version=version)

    versions = [package.manifest.version for package in find_packages(tmp_path)]

    assert versions == ["0.1.0", "1.9.0", "1.10.0"]


def test_a_view_that_no_package_claims_is_not_eligible(
    write_package: WritePackage, tmp_path: Path
) -> None:
    write_package()

    with pytest.raises(NotEligible) as caught:
        Catalogue(tmp_path).choose(ViewPosition.LATERAL)

    assert caught.value.code == "no_model_for_view"


def test_weights_that_are_no_graph_are_refused_when_opened(
    write_package: WritePackage, tmp_path: Path
) -> None:
    write_package()

    with pytest.raises(ModelPackageError) as caught:
        Catalogue(tmp_path).warm_up()

    assert caught.value.code == "graph_invalid"


def test_no_package_at_all_stops_the_worker(tmp_path: Path) -> None:
    with pytest.raises(ModelPackageError, match="no model package"):
        Catalogue(tmp_path)
