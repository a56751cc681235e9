"""The bank of tasks on its way between schools: passports as the filled form, which another school takes in."""

from __future__ import annotations

from pathlib import Path

from oko.errors import DataError
from oko.records.registers import REGISTERS
from oko.records.writers import registers
from oko.workspace import Workspace

FORM = "passport"
_NOT_WRITTEN = ("example", "source")


def write_bank(workspace: Workspace, folder: Path, *, school: str | None = None) -> Path:
    """Write the passports of tasks that were tried out or are in the bank as the filled form of passports.

    Parameters
    ----------
    workspace : Workspace
    folder : Path
        Where the workbook goes.
    school : str, optional
        Only the tasks that this school made; by default those of the whole cluster.

    Returns
    -------
    Path
        A workbook that ``oko import`` takes in. It holds no results and no text of a task; who made a task is left out
        where the agreement does not name schools. Equal passports give equal bytes.

    Raises
    ------
    DataError
        There are no such passports.
    SettingError
        The school is unknown.
    """
    if school is not None:
        workspace.cluster.school(school)
    known = workspace.register("passports")
    rows = known[known["status"] != "draft"]
    rows = rows if school is None else rows[rows["school"] == school]
    if rows.empty:
        raise DataError("There are no passports of tasks that were tried out or are in the bank: nothing to write.")
    if not workspace.cluster.agreement.names_schools:
        rows = rows.assign(school=None)
    columns = [name for name in REGISTERS["passports"].columns if name not in _NOT_WRITTEN]
    places = workspace.items().set_index(["assessment", "item"])["position"]
    order = [places.get((row.instrument, row.item), 0) for row in rows.itertuples()]
    rows = rows.assign(_place=order).sort_values(["instrument", "_place", "item"], ignore_index=True)
    folder.mkdir(parents=True, exist_ok=True)
    name = "-".join(["oko", workspace.cluster.code, *([school] if school else []), "passports"])
    path = folder / f"{name}.xlsx"
    return registers.fill(path, FORM, rows[columns], workspace.root, example=workspace.cluster.example)
