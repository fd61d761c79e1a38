"""Coded concepts that measurements share. Sources: PS3.16, SNOMED CT; checked in pydicom 3.0.2."""

from service.domain.segmentation import Code

# There is no standard code for the cardiothoracic ratio of a radiograph: the LOINC ones are
# fetal ultrasound. docs/objects.md describes the private scheme.
PRIVATE_SCHEME = "99THORAX"
CARDIOTHORACIC_RATIO = Code("CTR", PRIVATE_SCHEME, "Cardiothoracic ratio")

DIAMETER = Code("81827009", "SCT", "Diameter")
WIDTH = Code("103355008", "SCT", "Width")
HEART = Code("80891009", "SCT", "Heart")
THORACIC_CAVITY = Code("43799004", "SCT", "Thoracic cavity")
RATIO_UNIT = Code("{ratio}", "UCUM", "ratio")
MILLIMETRE = Code("mm", "UCUM", "millimeter")
