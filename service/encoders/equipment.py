"""Who made a result: the software, the model, and the detector that took the source image."""

import highdicom as hd
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from service import __version__
from service.domain.analysis import Analysis
from service.domain.model import ModelIdentity, Runtime
from service.encoders.registry import EncodingOptions

MANUFACTURER = "Thorax"
UNVERIFIED = "automatic, unverified"
NOT_FOR_DIAGNOSIS = f"{UNVERIFIED}, not for diagnosis"
_ROOM_FOR_THRESHOLDS = 600


def software_versions(model: ModelIdentity) -> list[str]:
    """Return the versions of this software and of the model, as SoftwareVersions holds them."""
    return [__version__, f"{model.name} {model.version}"]


def processing_equipment(analysis: Analysis) -> hd.ContributingEquipment:
    """Return the item of ContributingEquipmentSequence that says what the model is and what ran it.

    The hash of the weights decides what ran; name and version are for people.
    """
    model = analysis.model
    return hd.ContributingEquipment(
        manufacturer=MANUFACTURER,
        purpose_of_reference=codes.DCM.ProcessingEquipment,
        manufacturer_model_name=model.name,
        software_versions=software_versions(model),
        contribution_description=(
            f"Segmentation and measurement ({NOT_FOR_DIAGNOSIS}). "
            f"Model {model.name} {model.version}, weights SHA-256 {model.sha256}"
            f"{_runtime_text(analysis.runtime)}"
        ),
    )


def contributing_equipment(source: Dataset, analysis: Analysis) -> list[hd.ContributingEquipment]:
    """Return the detector that took the source, if it has a name, and the model.

    For objects to which highdicom does not add the detector itself.
    """
    detector = (
        [hd.ContributingEquipment.for_image_acquisition(source)] if source.Manufacturer else []
    )
    return [*detector, processing_equipment(analysis)]


def _runtime_text(runtime: Runtime | None) -> str:
    if runtime is None:
        return ""
    return f"; {runtime.library}, {runtime.provider}; {_thresholds_text(runtime)}"


def _thresholds_text(runtime: Runtime) -> str:
    """Return the thresholds: the usual one, and by name those that differ, while there is room.

    Contribution Description holds 1024 characters; SEG has each threshold in its segment.
    """
    values = [value for _, value in runtime.thresholds]
    usual = max(sorted(set(values)), key=values.count)
    others = [f"{key} {value:g}" for key, value in runtime.thresholds if value != usual]
    text = ", ".join([f"threshold {usual:g}", *others])
    if len(text) <= _ROOM_FOR_THRESHOLDS:
        return text
    return f"thresholds {min(values):g} to {max(values):g}, {len(values)} labels"


def segmentation_algorithm(analysis: Analysis, key: str) -> hd.AlgorithmIdentificationSequence:
    """Return the algorithm identification of one SEG segment, with its threshold."""
    model, runtime = analysis.model, analysis.runtime
    parameters = {"weights_sha256": model.sha256}
    if runtime is not None:
        parameters |= {"runtime": runtime.library, "provider": runtime.provider}
        threshold = runtime.threshold(key)
        parameters |= {} if threshold is None else {"threshold": f"{threshold:g}"}
    return hd.AlgorithmIdentificationSequence(
        name=model.name,
        family=codes.DCM.ArtificialIntelligence,
        version=model.version,
        source=MANUFACTURER,
        parameters=parameters,
    )


def measurement_algorithm(model: ModelIdentity) -> hd.sr.AlgorithmIdentification:
    """Return the algorithm identification of SR measurements."""
    return hd.sr.AlgorithmIdentification(
        name=f"{MANUFACTURER} {__version__} on {model.name}",
        version=f"{model.version} ({model.sha256[:12]})",
    )


def device_observer(model: ModelIdentity, options: EncodingOptions) -> hd.sr.ObserverContext:
    """Return the observer of an SR: a device, never a person."""
    return hd.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=hd.sr.DeviceObserverIdentifyingAttributes(
            uid=options.device_uid,
            name=MANUFACTURER,
            manufacturer_name=MANUFACTURER,
            model_name=model.name,
            serial_number=options.device_uid,
        ),
    )


def describe_equipment(made: Dataset, analysis: Analysis, options: EncodingOptions) -> None:
    """Write the General Equipment attributes of `made`, the same for every kind.

    The device UID follows the weights: whoever compares devices sees that the model changed.
    """
    made.Manufacturer = MANUFACTURER
    made.ManufacturerModelName = analysis.model.name
    made.SoftwareVersions = software_versions(analysis.model)
    made.DeviceSerialNumber = options.device_uid
