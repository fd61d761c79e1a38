"""Coded concepts that measurements share. Sources: PS3.16, SNOMED CT; checked in pydicom 3.0.2."""

from service.domain.segmentation import Code

# There is no standard code for the cardiothoracic ratio of a radiograph: the LOINC ones are
# fetal ultrasound. docs/objects.md describes the private scheme.
PRIVATE_SCHEME = "99THORAX"
CARDIOTHORACIC_RATIO = Code("CTR", PRIVATE_SCHEME, "Cardiothoracic ratio")
MEDIASTINUM_CHEST_RATIO = Code("MCR", PRIVATE_SCHEME, "Mediastinum to chest width ratio")
LUNG_AREA_RATIO = Code("LAR", PRIVATE_SCHEME, "Right to left lung area ratio")
TRACHEAL_DEVIATION_RATIO = Code(
    "TDR", PRIVATE_SCHEME, "Tracheal deviation to half tracheal width ratio"
)
AORTIC_KNOB_RATIO = Code("AKR", PRIVATE_SCHEME, "Aortic knob to tracheal width ratio")

CLAVICLE_RATIO = Code("CDR", PRIVATE_SCHEME, "Clavicle to midline distance ratio")
INSPIRATION_LEVEL = Code("ILV", PRIVATE_SCHEME, "Posterior ribs above the right hemidiaphragm")
SCAPULA_OVERLAP = Code("SOV", PRIVATE_SCHEME, "Scapula projected on lung to scapula area ratio")
HEIGHT_LOSS = Code("VHL", PRIVATE_SCHEME, "Loss of vertebral height against neighbors")

DIAMETER = Code("81827009", "SCT", "Diameter")
WIDTH = Code("103355008", "SCT", "Width")
HEIGHT = Code("121207", "DCM", "Height")
AREA = Code("42798000", "SCT", "Area")
DISTANCE = Code("121206", "DCM", "Distance")
ANGLE = Code("1483009", "SCT", "Angle")
COBB_ANGLE = Code("285285000", "SCT", "Cobb angle")
CARINA_ANGLE = Code("112086", "DCM", "Carina angle")
HEART = Code("80891009", "SCT", "Heart")
THORACIC_CAVITY = Code("43799004", "SCT", "Thoracic cavity")
RIGHT_LUNG = Code("3341006", "SCT", "Right lung")
LEFT_LUNG = Code("44029006", "SCT", "Left lung")
LUNG = Code("39607008", "SCT", "Lung")
MEDIASTINUM = Code("72410000", "SCT", "Mediastinum")
TRACHEA = Code("44567001", "SCT", "Trachea")
CARINA = Code("28700002", "SCT", "Carina")
AORTIC_KNOB = Code("112102", "DCM", "Aortic knob")
DESCENDING_AORTA = Code("32672002", "SCT", "Descending aorta")
DIAPHRAGM = Code("5798000", "SCT", "Diaphragm")
CLAVICLE = Code("51299004", "SCT", "Clavicle")
SCAPULA = Code("79601000", "SCT", "Scapula")
SPINE = Code("421060004", "SCT", "Spine")
RIB = Code("113197003", "SCT", "Rib")
RATIO_UNIT = Code("{ratio}", "UCUM", "ratio")
MILLIMETRE = Code("mm", "UCUM", "millimeter")
SQUARE_MILLIMETRE = Code("mm2", "UCUM", "square millimeter")
DEGREE = Code("deg", "UCUM", "degree")
PERCENT = Code("%", "UCUM", "percent")
RIBS_COUNTED = Code("{ribs}", "UCUM", "ribs")
