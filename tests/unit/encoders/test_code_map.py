from dataclasses import replace

from service.domain.analysis import ObjectKind
from service.domain.segmentation import Code
from service.encoders.code_map import NO_CODE_MAP, CodeMap, Scheme
from service.encoders.derived_uids import object_identity
from tests.builders import build_dx
from tests.headers import VIEWER, analysis_of
from tests.phantoms import phantom_analysis
from tests.reports import groups_of, report_of, texts_of, values_of

SITE = CodeMap(
    codes=((("99THORAX", "CTR"), Code("HTQ", "99HOSPITAL", "Herz-Thorax-Quotient")),),
    names=(("cardiac_width", "Größte Herzbreite"),),
    schemes=(Scheme("99HOSPITAL", "Catalogue", "A hospital"),),
)


def test_without_a_map_an_analysis_stays_the_same_object() -> None:
    analysis = phantom_analysis()

    assert NO_CODE_MAP.named(analysis) is analysis
    assert NO_CODE_MAP.code("99THORAX", "CTR") is None


def test_measurements_are_named_as_the_site_names_them() -> None:
    names = [measurement.name for measurement in SITE.named(phantom_analysis()).measurements]

    assert names[:2] == ["Größte Herzbreite", "Cardiothoracic ratio"]


def test_a_report_speaks_the_site_s_language() -> None:
    header = build_dx()
    report = report_of(analysis_of(header), header, replace(VIEWER, code_map=SITE))

    heart, _ = groups_of(report)
    assert list(values_of(heart)) == ["Diameter", "Herz-Thorax-Quotient"]
    assert "Größte Herzbreite" in texts_of(heart)
    assert report.SpecificCharacterSet == "ISO_IR 192"
    # The checks keep our codes: the site has none for them.
    schemes = [each.CodingSchemeDesignator for each in report.CodingSchemeIdentificationSequence]
    assert schemes == ["99THORAX", "99HOSPITAL"]


def test_another_map_makes_other_objects() -> None:
    analysis, options = phantom_analysis(), replace(VIEWER, code_map=SITE)

    ours = object_identity(ObjectKind.SR, analysis, VIEWER)

    assert object_identity(ObjectKind.SR, analysis, options) != ours
