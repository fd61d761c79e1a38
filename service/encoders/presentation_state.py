"""Outlines, lines and values as a Grayscale Softcopy Presentation State on the film itself."""

import highdicom as hd
from pydicom.dataset import Dataset

from service import __version__
from service.domain.analysis import Analysis, ObjectKind
from service.encoders import source_header
from service.encoders.derived_uids import object_identity
from service.encoders.display_transformation import describe_display, without_luts
from service.encoders.equipment import MANUFACTURER, NOT_FOR_DIAGNOSIS, contributing_equipment
from service.encoders.presentation_graphics import presentation_layers
from service.encoders.registry import ENCODERS, EncodingOptions
from service.encoders.series import complete, content_date_and_time, series_number


@ENCODERS.register(ObjectKind.GSPS)
def encode_presentation_state(
    analysis: Analysis, header: Dataset, options: EncodingOptions
) -> Dataset:
    """Return a presentation state that shows the source as it is, with what was found drawn on."""
    source = source_header.copyable_header(header, analysis.image.reference)
    source.Rows, source.Columns = analysis.image.rows, analysis.image.columns
    source.SamplesPerPixel = 1
    plain = without_luts(source)
    layers, annotations = presentation_layers(analysis, plain)
    identity = object_identity(ObjectKind.GSPS, analysis, options)
    made = hd.pr.GrayscaleSoftcopyPresentationState(
        referenced_images=[plain],
        series_instance_uid=identity.series_instance_uid,
        series_number=series_number(ObjectKind.GSPS, source),
        sop_instance_uid=identity.sop_instance_uid,
        instance_number=1,
        manufacturer=MANUFACTURER,
        manufacturer_model_name=analysis.model.name,
        software_versions=__version__,
        device_serial_number=options.device_uid,
        content_label="CHEST_OUTLINES",
        content_description=NOT_FOR_DIAGNOSIS,
        graphic_layers=layers,
        graphic_annotations=annotations,
        contributing_equipment=contributing_equipment(source, analysis),
    )
    describe_display(made, source, analysis.image.spacing)
    made.PresentationCreationDate, made.PresentationCreationTime = content_date_and_time(source)
    finished = complete(made, ObjectKind.GSPS, analysis, source, options)
    # Presentation Creation Date stands for them.
    del finished.ContentDate, finished.ContentTime
    return finished
