"""What a site calls things: codes and names that replace ours in the objects made for it."""

from dataclasses import dataclass, replace

from service.domain.analysis import Analysis
from service.domain.measurement import Measurement
from service.domain.segmentation import Code

CodeKey = tuple[str, str]
"""(Coding Scheme Designator, Code Value)."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """Who is responsible for a coding scheme (PS3.3 C.12.1, Coding Scheme Identification)."""

    designator: str
    name: str
    responsible_organization: str
    version: str | None = None
    uid: str | None = None


@dataclass(frozen=True, slots=True)
class CodeMap:
    """Replacements, each list in the order of the site's file; the file's order changes nothing.

    codes: our code and the site's. names: key of a measurement and what the site calls it.
    schemes: the site's own coding schemes. Part of the encoding options, so that another map gives
    other UIDs.
    """

    codes: tuple[tuple[CodeKey, Code], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    schemes: tuple[Scheme, ...] = ()

    def code(self, scheme: str, value: str) -> Code | None:
        """Return the site's code for ours; None when it has none."""
        return dict(self.codes).get((scheme, value))

    def named(self, analysis: Analysis) -> Analysis:
        """Return the analysis with the site's names of measurements."""
        names = dict(self.names)
        if not names:
            return analysis
        measurements = tuple(_named(each, names) for each in analysis.measurements)
        return replace(analysis, measurements=measurements)


NO_CODE_MAP = CodeMap()


def _named(measurement: Measurement, names: dict[str, str]) -> Measurement:
    return replace(measurement, name=names.get(measurement.key, measurement.name))
