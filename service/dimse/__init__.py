"""What both directions of DICOM networking share: names, statuses, encodings, a raw C-STORE user.

pynetdicom's own event handlers format every message, patient names among them, for its log; they
are switched off here, once for the process, by the option that pynetdicom documents for it.
"""

from pynetdicom import _config

_config.LOG_HANDLER_LEVEL = "none"
