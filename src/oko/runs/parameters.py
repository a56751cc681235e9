"""The only door into a notebook: typed parameters, checked against the registers, as plain literals.

papermill pastes the *names* of parameters into the notebook as code. Here names come from the model alone, and values
are short codes of a fixed pattern that a register knows, so nothing that a caller writes can become code.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationError

from oko.errors import SettingError
from oko.records.cluster import Cluster
from oko.records.schema import ASSESSMENT
from oko.records.settings_files import CODE_PATTERN, YEAR_PATTERN

Code = Annotated[str, StringConstraints(strict=True, pattern=CODE_PATTERN)]
Year = Annotated[str, StringConstraints(strict=True, pattern=YEAR_PATTERN)]
Instrument = Annotated[str, StringConstraints(strict=True, pattern=ASSESSMENT)]


def _day(text: str) -> str:
    """Return an ISO date, or the empty text; raise ValueError for any other text."""
    if text and datetime.date.fromisoformat(text).isoformat() != text:
        raise ValueError(text)
    return text


Day = Annotated[str, StringConstraints(strict=True, max_length=10), AfterValidator(_day)]


class ClusterParameters(BaseModel):
    """Parameters of a study of the whole cluster."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cluster: Code
    year: Year
    language: Literal["ru", "en"] = "ru"

    @property
    def unit(self) -> str:
        """Slug of the unit; it is a folder's name."""
        return "cluster"

    def literals(self) -> dict[str, str]:
        """Return the parameters as papermill may have them: plain strings of checked patterns."""
        return {name: str(value) for name, value in self.model_dump().items()}


class SchoolParameters(ClusterParameters):
    """Parameters of a study of one school."""

    school: Code

    @property
    def unit(self) -> str:
        return f"school-{self.school}"


class SubjectParameters(SchoolParameters):
    """Parameters of a study of one subject of a school: all its grades, a chapter for each work."""

    subject: Code

    @property
    def unit(self) -> str:
        return f"school-{self.school}-{self.subject}"


class InstrumentParameters(ClusterParameters):
    """Parameters of a study of one instrument: the id of the assessment that it was used in."""

    instrument: Instrument

    @property
    def unit(self) -> str:
        return f"instrument-{self.instrument}"


class DatedParameters(ClusterParameters):
    """Parameters of a study of the whole cluster as of a day (empty: of all that is stored)."""

    as_of: Day = ""


MODELS: Mapping[str, type[ClusterParameters]] = {
    "cluster": ClusterParameters,
    "dated": DatedParameters,
    "school": SchoolParameters,
    "school_subject": SubjectParameters,
    "instrument": InstrumentParameters,
}


def check_parameters(kind: str, values: Mapping[str, object], cluster: Cluster) -> ClusterParameters:
    """Check the parameters of one run.

    Parameters
    ----------
    kind : {"cluster", "dated", "school", "school_subject", "instrument"}
        What the study is about, ``Study.kind`` of the registry.
    values : Mapping
        Names and values as given.
    cluster : Cluster
        The registers of schools and years that values must be in.

    Raises
    ------
    SettingError
        A name that the study does not have, a value of another type or pattern, a code that no register has.

    Examples
    --------
    >>> import oko
    >>> example = oko.open(cluster="example").cluster
    >>> check_parameters("school", {"cluster": "example", "year": "2020-2021", "school": "344"}, example).unit
    'school-344'
    """
    model = MODELS[kind]
    strange = [repr(name)[:80] for name in values if name not in model.model_fields]
    if strange:
        raise SettingError(
            "Parameter {name} is unknown; this study has: {known}.",
            name=", ".join(strange),
            known=", ".join(model.model_fields),
        )
    try:
        parameters = model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        raise SettingError(
            "Parameter {name}: {given} is not a valid value.", name=name, given=repr(dict(values).get(name))[:80]
        ) from error
    if parameters.cluster != cluster.code:
        raise SettingError(
            "Parameter {name}: {given} is not a valid value.", name="cluster", given=repr(parameters.cluster)
        )
    cluster.check_year(parameters.year)
    if isinstance(parameters, SchoolParameters):
        cluster.school(parameters.school)
    return parameters
