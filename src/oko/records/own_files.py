"""Files of a cluster beside its settings, each there or not: the plan, the model, the protocol."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from oko.errors import SettingError
from oko.records.settings_files import Model, read_toml, validate

PLAN = "plan.toml"
MODEL = "model.toml"
PROTOCOL = "protocol.toml"


def where_of(code: str, name: str) -> str:
    """Return where a file of a cluster lies, from the project's folder.

    Examples
    --------
    >>> where_of("nevsky", PLAN)
    'data/clusters/nevsky/plan.toml'
    """
    return f"data/clusters/{code}/{name}"


def read_own(root: Path, code: str, name: str, model: type[Model]) -> Model | None:
    """Read a file of a cluster; None where there is none.

    Parameters
    ----------
    root : Path
        The project's folder.
    code, name : str
        The cluster, and the file in its folder.
    model : type
        What the file must be.

    Raises
    ------
    SettingError
        The file is not valid: the message names it and the key.
    """
    where = where_of(code, name)
    return validate(model, read_toml(root / where, where), where) if (root / where).exists() else None


def check_in_settings(where: str, key: str, given: Sequence[str], known: Sequence[str]) -> None:
    """Raise SettingError for the first name that the cluster's settings do not have."""
    for name in given:
        if name not in known:
            raise SettingError(
                "File {where}, key {key}: {given} is unknown; the cluster’s settings have: {known}.",
                where=where,
                key=key,
                given=name,
                known=", ".join(known),
            )


def check_listed(where: str, key: str, given: str, known: Collection[str]) -> None:
    """Raise SettingError where a name is none of those that there are."""
    if given not in known:
        raise SettingError(
            "File {where}, key {key}: {given} is unknown; there are: {known}.",
            where=where,
            key=key,
            given=repr(given),
            known=", ".join(known),
        )
