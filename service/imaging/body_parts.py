"""Which body parts are a chest, and which are known to be something else.

A name that is on no list is let through: sites write their own, and what the picture shows is
checked again after inference.
"""

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

CHEST_NAMES = frozenset(
    {"CHEST", "THORAX", "LUNG", "LUNGS", "RIBCAGE", "RIB", "RIBS", "HEART", "MEDIASTINUM"}
    | {"CHESTABDOMEN", "CHESTABDPELVIS", "NECKCHEST", "NECKCHESTABDOMEN", "NECKCHESTABDPELV"}
)

# PS3.16 annex L, without those above; HEAD to TOE, and what dentists and vets name.
_OTHERS = """
ABDOMEN ABDOMENPELVIS ACJOINT ADRENAL ANKLE ANUS APPENDIX ARM AXILLA BACK BILEDUCT BLADDER BRAIN
BREAST BUTTOCK CALCANEUS CALF CARPUS CSPINE CTSPINE CERVICALSPINE CLAVICLE COCCYX COLON DUODENUM
EAR ELBOW ESOPHAGUS EXTREMITY EYE FACE FACIALBONES FEMUR FIBULA FINGER FOOT FOREARM FOREFOOT
GALLBLADDER HAND HEAD HEADNECK HINDFOOT HIP HUMERUS IAC ILEUM ILIUM JAW JEJUNUM KIDNEY KNEE LARYNX
LEG LIVER LOWERLEG LOWERLIMB LSPINE LSSPINE LUMBARSPINE MANDIBLE MAXILLA MASTOID METACARPUS
METATARSUS MOUTH NASALBONE NECK NOSE OPTICCANAL ORBIT PANCREAS PAROTID PATELLA PELVIS PENIS
PROSTATE RADIUS RADIUSULNA RECTUM SACRUM SCAPULA SCJOINT SCROTUM SELLA SIJOINT SINUS SINUSES SKULL
SPINE SPLEEN SSPINE STERNUM STIFLE STOMACH TARSUS TEETH TESTIS THIGH THORACICSPINE THUMB TIBIA
TIBIAFIBULA TLSPINE TMJ TOE TOOTH TSPINE ULNA UPPERARM UPPERLIMB URETER URETHRA UTERUS VAGINA
WHOLEBODY WHOLESPINE WRIST ZYGOMA
"""
OTHER_NAMES = frozenset(_OTHERS.split())

_REGIONS = codes.cid4009
CHEST_CODES = frozenset(
    {_REGIONS.Chest, _REGIONS.Rib, _REGIONS.Heart, _REGIONS.Mediastinum, _REGIONS.ApexOfLung}
    | {_REGIONS.ChestAndAbdomen, _REGIONS.ChestAbdomenAndPelvis, _REGIONS.NeckAndChest}
    | {_REGIONS.NeckChestAndAbdomen, _REGIONS.NeckChestAbdomenAndPelvis}
    # The chest's codes before 2020, lung, and the rib cage.
    | {Code("51185008", "SCT", "Thoracic structure"), Code("39607008", "SCT", "Lung structure")}
    | {Code("60413009", "SCT", "Thoracic cage structure")}
)
OTHER_CODES = frozenset(set(_REGIONS.concepts.values()) - CHEST_CODES)


def says_chest(names: tuple[str, ...], coded: tuple[Code, ...]) -> bool:
    """Return whether any name or code is the chest's or a part of it."""
    return bool(CHEST_NAMES & set(names)) or bool(CHEST_CODES & set(coded))


def says_other(names: tuple[str, ...], coded: tuple[Code, ...]) -> bool:
    """Return whether any name or code is known to be another body part's."""
    return bool(OTHER_NAMES & set(names)) or bool(OTHER_CODES & set(coded))
