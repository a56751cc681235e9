"""Settings of the example: what is planted in its data, so that a study can be tested by what it finds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from oko.records.cluster import Code, Settings
from oko.records.settings_files import read_toml, validate

FILE = "example.toml"
Work = Annotated[str, Field(pattern=r"^[a-z]+-[0-9]{1,2}$")]


class Deficit(Settings):
    """A skill that most schools of the cluster lack beyond their level.

    ``depth`` is how far its tasks lie below, in standard deviations of ability; ``target`` says that the cluster works
    on it; ``items`` are its tasks by work, as in ``mathematics-7``.
    """

    code: Code
    skill: Code
    depth: Annotated[float, Field(ge=0, le=3)]
    target: bool
    items: dict[Work, tuple[str, ...]]


class Dif(Settings):
    """A task that is easier for one sex at equal ability; ``size`` in standard deviations of ability."""

    work: Work
    item: str
    favours: Literal["F", "M"]
    size: Annotated[float, Field(ge=0, le=3)]


class Bias(Settings):
    """One school that raises scores just below the bounds of marks, and marks in its journals."""

    school: Code | None = None
    raised: Annotated[float, Field(ge=0, le=1)] = 0.7
    journal: Annotated[float, Field(ge=0, le=2)] = 0.7


class ExampleSettings(Settings):
    """What is planted in the example.

    ``effect`` is what the schools of the cluster gained over the others from autumn 2020 to spring 2021 on the target
    tasks, in standard deviations of the pupils' scores in these tasks; 0 for none.
    """

    effect: Annotated[float, Field(ge=-1, le=1)] = 0.40
    comparison_schools: Annotated[int, Field(ge=0, le=99)] = 40
    without_deficits: tuple[Code, ...] = ()
    bias: Bias = Bias()
    deficits: tuple[Deficit, ...] = ()
    dif: tuple[Dif, ...] = ()

    def targets(self, work: str) -> tuple[str, ...]:
        """Return the target tasks of a work."""
        return tuple(item for deficit in self.deficits if deficit.target for item in deficit.items.get(work, ()))


def read_settings(root: Path, cluster: str) -> ExampleSettings:
    """Read the settings of an example cluster; without a file nothing but the effect's default is planted.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : str
        Code of the cluster.

    Raises
    ------
    SettingError
        The file is not valid: the message names the file and the key.
    """
    path = root / "data" / "clusters" / cluster / FILE
    if not path.is_file():
        return ExampleSettings()
    where = path.relative_to(root).as_posix()
    return validate(ExampleSettings, read_toml(path, where), where)
