import pytest
from fhir.resources.codeableconcept import CodeableConcept
from fhir.resources.quantity import Quantity

from service.encoders.fhir_codes import coding, concept, dcm, full_url, quantity, uid_identifier

HEART = {"value": "80891009", "scheme": "SCT", "meaning": "Heart"}


def test_a_code_has_the_uri_of_its_scheme() -> None:
    assert coding(HEART) == {
        "system": "http://snomed.info/sct",
        "code": "80891009",
        "display": "Heart",
    }


def test_a_code_of_an_unknown_scheme_keeps_its_text_alone() -> None:
    assert coding({"value": "1", "scheme": "99SITE", "meaning": "Own"}) == {"display": "Own"}


def test_concepts_and_quantities_are_fhir_s() -> None:
    CodeableConcept.model_validate(concept(HEART, "The heart"))
    CodeableConcept.model_validate(dcm("126000", "Imaging Measurement Report"))
    assert Quantity.model_validate(quantity(1.5, "mm")).code == "mm"


def test_a_uid_is_an_urn() -> None:
    assert uid_identifier("1.2.3") == {"system": "urn:dicom:uid", "value": "urn:oid:1.2.3"}


@pytest.mark.parametrize("parts", [("a", "b"), ("ab",), ("b", "a")])
def test_an_url_follows_from_its_parts(parts: tuple[str, ...]) -> None:
    assert full_url(*parts) == full_url(*parts)
    assert full_url(*parts) != full_url("something", "else")
    assert full_url(*parts).startswith("urn:uuid:")
