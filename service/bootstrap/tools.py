"""What an analysis needs besides its input, from the settings."""

from typing import TYPE_CHECKING

from service.anatomy.profiles import label_profile
from service.encoders.code_map import NO_CODE_MAP, CodeMap
from service.encoders.code_map_file import CodeMapError, read_code_map
from service.routing import Form, default_form, needs_of
from service.settings import Settings, SettingsError

if TYPE_CHECKING:
    from service.analysing import AnalysisTools
    from service.priors.history import History


def build_tools(settings: Settings, history: "History | None" = None) -> "AnalysisTools":
    """Return what an analysis needs; sessions are opened at first use.

    Without `history` a film is compared with nothing.
    """
    from pydicom.uid import generate_uid

    from service.analysing import AnalysisTools
    from service.encoders.family import FamilyOptions
    from service.encoders.registry import EncodingOptions, SegForm, SegProfile
    from service.imaging.read import DecodeLimits
    from service.inference.catalogue import Catalogue
    from service.priors.history import NO_HISTORY

    code_map = build_code_map(settings)
    _check_names(code_map)

    def encoding(form: Form) -> EncodingOptions:
        return EncodingOptions(
            seg_profile=SegProfile(form.seg_profile.value),
            segments=label_profile(form.segments),
            seg_form=SegForm.LABELMAP if form.labelmap else SegForm.AUTOMATIC,
            deflate=form.compress,
            device_uid=generate_uid(entropy_srcs=["Thorax device", settings.ae_title]),
            code_map=code_map,
        )

    return AnalysisTools(
        catalogue=Catalogue(settings.models, settings.providers, settings.precision),
        decode_limits=DecodeLimits(),
        encoding=encoding(default_form(settings)),
        further=tuple(
            FamilyOptions(need.family, encoding(need.form), need.kinds)
            for need in needs_of(settings)
        ),
        history=history or NO_HISTORY,
    )


def build_code_map(settings: Settings) -> CodeMap:
    """Return the site's codes, none without a file; raises SettingsError when it is wrong."""
    if settings.code_map is None:
        return NO_CODE_MAP
    try:
        return read_code_map(settings.code_map)
    except CodeMapError as error:
        raise SettingsError(f"code_map: {error.text}") from error


def _check_names(code_map: CodeMap) -> None:
    """Raise SettingsError naming what a site gave a name to and nobody measures.

    Only where analyses are made: the definitions are heavy, and other processes need none.
    """
    from service.explaining import definition_of

    unknown = [key for key, _ in code_map.names if definition_of(key) is None]
    if unknown:
        raise SettingsError(f"code_map: names: there is no measurement {', '.join(unknown)}")
