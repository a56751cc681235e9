"""Make one run: in a temporary folder, renamed when it is whole."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
import pyarrow.parquet as pq
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from oko import errors, language
from oko.errors import OkoError, RunError
from oko.folders import replace_folder, sha256
from oko.records.personal import personal_text
from oko.runs import documents
from oko.runs.cache import read_record
from oko.runs.kernels import ENGINE, KERNEL_LOG, START_TIMEOUT, PrivateKernelManager, private_environment
from oko.runs.page import RUN_FOLDER
from oko.runs.plan import Run
from oko.runs.prose import translate_cells
from oko.runs.record import NOT_MADE, write_log, write_record

MAKING = ".making-"
_OF_ROWS = re.compile(r"[А-ЯЁ][а-яё]{2}|[0-9a-f]{16}|[0-9]{5}")  # names, pseudonyms, codes of participants


@dataclass(frozen=True)
class Outcome:
    """What became of a run.

    Attributes
    ----------
    status : {"done", "failed"}
    message : str or None
        Why it failed.
    seconds : float
        Wall time.
    """

    status: str
    message: str | None
    seconds: float


def execute(run: Run, render: bool = True) -> Outcome:
    """Make a run and put its folder in place.

    A run is done when every code cell has been executed and every declared output is there and has its columns.
    Anything else is a failure with a name; its folder then holds ``run.json``, ``log.txt`` and the notebook so far.

    Parameters
    ----------
    run : Run
    render : bool, default True
        Make the page; tests that look at tables alone leave it out.

    Returns
    -------
    Outcome
    """
    run.folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=MAKING, dir=run.folder.parent))
    started, begun = time.perf_counter(), datetime.datetime.now(datetime.UTC)
    language.use(run.parameters.language)
    try:
        message = _attempt(run, made, render)
        seconds = time.perf_counter() - started
        status = "done" if message is None else "failed"
        write_log(run, made, begun, seconds, message)
        write_record(run, made, status, message, seconds)
        replace_folder(made, run.folder)
        return Outcome(status, message, seconds)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _attempt(run: Run, made: Path, render: bool) -> str | None:
    """Execute, check and render; return what went wrong, or None."""
    try:
        notebook = _run_notebook(run, made)
        check_executed(notebook)
        check_tables(run, made)
        _normalise(notebook, made / "notebook.ipynb", run)
        if render:
            _render(run, made, notebook)
    except Exception as error:  # one failed unit never stops the others: every failure becomes a record
        (made / "log.txt").write_text(traceback.format_exc(), encoding="utf-8")
        return without_places(explain(error, run.study.timeout), run.root)
    return None


def _run_notebook(run: Run, made: Path) -> NotebookNode:
    source = translate_cells(nbformat.read(run.template, as_version=4), run.root, run.parameters.language)
    for attempt in (1, 2):
        try:
            with private_environment(**{RUN_FOLDER: str(made), KERNEL_LOG: str(made / "kernel.log")}):
                notebook: NotebookNode = papermill.execute_notebook(
                    source,
                    str(made / "notebook.ipynb").replace("{", "{{").replace("}", "}}"),
                    parameters=run.parameters.literals(),
                    kernel_name="python3",
                    engine_name=ENGINE,
                    cwd=str(run.root),
                    progress_bar=False,
                    start_timeout=START_TIMEOUT,
                    execution_timeout=run.study.timeout,
                    kernel_manager_class=PrivateKernelManager,
                )
                return notebook
        except RuntimeError as error:
            if attempt == 2 or isinstance(error, (DeadKernelError, CellTimeoutError, OkoError)):
                raise
    raise AssertionError("unreachable")


def check_executed(notebook: NotebookNode) -> None:
    """Raise RunError unless every code cell was executed to its end."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    for place, cell in enumerate(code, start=1):
        ended = [output for output in cell.outputs if output.output_type == "error"]
        if cell.execution_count is None or ended:
            raise RunError(
                "Code cell {cell} of {count} was not executed to its end: the notebook stopped early "
                "(a call of sys.exit or exit?).",
                cell=place,
                count=len(code),
            )


def check_tables(run: Run, folder: Path) -> None:
    """Raise RunError unless every declared table is there with its columns."""
    for table in run.study.tables:
        path = folder / "tables" / f"{table.name}.parquet"
        if not path.is_file():
            raise RunError("The declared table {name} was not made.", name=table.name)
        missing = sorted(set(table.columns) - set(pq.read_schema(path).names))
        if missing:
            raise RunError(
                "Table {name} lacks the declared columns {columns}.", name=table.name, columns=", ".join(missing)
            )


def explain(error: Exception, timeout: int) -> str:
    """Put an error of a run into one sentence."""
    if isinstance(error, PapermillExecutionError):
        own = isinstance(getattr(errors, str(error.ename), None), type)
        text = str(error.evalue)
        return language.gettext("Code cell {cell}: {name}: {detail}").format(
            cell=error.exec_count, name=error.ename, detail=text[:500] if own else _quoted(text)
        )
    if isinstance(error, DeadKernelError):
        return language.gettext("The kernel died (killed, or out of memory).")
    if isinstance(error, CellTimeoutError):
        return language.gettext("A cell took longer than the {timeout} s that the study may take.").format(
            timeout=timeout
        )
    if isinstance(error, OkoError):
        return str(error)
    return f"{type(error).__name__}: {_quoted(str(error))}"


def without_places(text: str, root: Path) -> str:
    """Return text without the paths of the project's folder and of the home folder: the index and the record show it.

    Examples
    --------
    >>> without_places("No such file: /disk/oko/data/x.csv", Path("/disk/oko"))
    'No such file: data/x.csv'
    """
    for place, short in ((f"{root}{os.sep}", ""), (str(root), "."), (str(Path.home()), "~")):
        text = text.replace(place, short) if len(place) > 2 else text
    return text


def _quoted(text: str) -> str:
    """Return what an error says, unless rows of pupils can be in it: messages go further than the log, which stays."""
    if "\n" in text.strip() or _OF_ROWS.search(text) or personal_text(text):
        return language.gettext("its text is not shown, rows of pupils may be in it; it is in log.txt")
    return text[:500]


def _normalise(notebook: NotebookNode, path: Path, run: Run) -> None:
    """Take times and this machine's paths out of the notebook's metadata."""
    notebook.metadata["papermill"] = {
        "input_path": f"templates/{run.study.template}",
        "parameters": run.parameters.literals(),
    }
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, path)


def _render(run: Run, made: Path, notebook: NotebookNode) -> None:
    from oko.runs.headers import page_header
    from oko.runs.sheets import dress_sheets
    from oko.show.page import render

    header = page_header(run)
    (made / run.page).write_text(render(notebook, header), encoding="utf-8")
    if run.study.sheets:
        dress_sheets(made, header)
    missing = documents.make(run, made)
    (made / NOT_MADE).write_text(json.dumps(missing, ensure_ascii=False), encoding="utf-8")
    before = read_record(run.folder)
    if before and before["status"] == "done" and before["key"] == run.key:
        _keep_other_language(run.folder, made, before["outputs"])


def _keep_other_language(folder: Path, made: Path, outputs: Sequence[Mapping[str, str]]) -> None:
    """Copy pages and figures of the other language that are as their run left them; a changed one is given up."""
    for output in outputs:
        source, target = folder / output["path"], made / output["path"]
        shown = target.suffix in {".html", ".png", *documents.SUFFIXES} and not target.exists() and source.is_file()
        if shown and sha256(source) == output["sha256"]:
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(source, target)
