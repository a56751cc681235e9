"""Files are opened, recognised and read one by one; many of them by as many processes as the machine has cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from multiprocessing.connection import wait
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from oko import language
from oko.errors import DataError, OkoError
from oko.folders import sha256
from oko.records.cluster import Cluster
from oko.records.keys import pseudonyms_for
from oko.records.pseudonyms import Pseudonyms
from oko.records.readers import Finding, Reading, known
from oko.records.readers.context import Context, Told, told_beside
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import open_sheets
from oko.records.taken import FileRead

_MANY = 40
_AT_A_TIME = 8
_METHOD = "spawn"  # the server to fork from is one for a process: it is left to the runs, which load more into it


class ReadFile(NamedTuple):
    """What is known of one file: its state, what it says (None where it cannot be read), and what is wrong."""

    state: FileRead
    reading: Reading | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Reader:
    """Reads the files of a cluster.

    Attributes
    ----------
    cluster : Cluster
    root : Path
        The project's folder.
    told : Told
        What the words of the call say of the files.
    """

    cluster: Cluster
    root: Path
    told: Told

    @cached_property
    def _layouts(self) -> tuple[Layout, ...]:
        return tuple(known.layouts(self.root, self.cluster))

    @cached_property
    def _pseudonyms(self) -> Pseudonyms | None:
        return pseudonyms_for(self.root, self.cluster)

    def read(self, path: Path, name: str) -> ReadFile:
        """Read one file.

        Parameters
        ----------
        path : Path
        name : str
            What findings call it.
        """
        state, step = FileRead(name, _source(path)), "opened"
        try:
            _refuse_leading_out(path, name)
            sheets = open_sheets(path)
            step = "recognised"
            beside = told_beside(path, name, self.told)
            layout = known.recognise(sheets, self._layouts, beside.mapping)
            accept = beside.accept_rows or self.cluster.intake.accept_rows
            state = replace(state, layout=layout.name, title=known.title_of(layout), accept_rows=accept)
            reading = layout.read(sheets, Context(self.root, self.cluster, name, beside, self._pseudonyms))
            state = replace(state, layout=reading.layout)
        except OkoError as error:
            return ReadFile(state, None, (Finding(name, None, None, error.message, error.values, check=step),))
        if layout.confirmed:
            return ReadFile(state, reading, ())
        values = {"layout": state.title}
        unseen = Finding(name, None, None, known.UNCONFIRMED, values, "warning", check="recognised")
        return ReadFile(state, reading, (unseen,))


def read_files(reader: Reader, files: Sequence[tuple[Path, str]]) -> Iterator[ReadFile]:
    """Read files, in their order.

    Parameters
    ----------
    reader : Reader
    files : sequence of (Path, str)
        Each with the name that findings call it.
    """
    if len(files) < _MANY or (os.cpu_count() or 1) < 2:
        return (reader.read(*named) for named in files)
    try:
        return iter(_together(reader, files))
    except BrokenProcessPool:  # a process was killed: read again, where the file that did it is named
        return (reader.read(*named) for named in files)


def _together(reader: Reader, files: Sequence[tuple[Path, str]]) -> list[ReadFile]:
    context = multiprocessing.get_context(_METHOD)
    begin = (reader, language.current(), dict(os.environ))
    with ProcessPoolExecutor(mp_context=context, initializer=_begin, initargs=begin) as pool:
        try:
            with _without_main():
                given = pool.map(_read, files, chunksize=_AT_A_TIME)
            return list(given)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _without_main() -> Iterator[None]:
    """Keep processes that begin meanwhile from running the caller's script once more: nothing of it is needed there."""
    names = vars(sys.modules["__main__"])
    kept: dict[str, object] = {name: names[name] for name in ("__file__", "__spec__") if name in names}
    names.pop("__file__", None)
    names["__spec__"] = None
    try:
        yield
    finally:
        names.update(kept)


_reader: Reader


def _begin(reader: Reader, code: str, environment: dict[str, str]) -> None:
    """Prepare a process: the key is read by it anew and never sent to it; an interruption is its parent's affair."""
    global _reader
    _reader = reader
    os.environ.clear()  # the fork server has the environment of its own start
    os.environ.update(environment)
    language.use(code)
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_with(sentinel: int) -> None:
    """End this process when its parent does: one that is killed tells nobody to stop."""
    wait([sentinel])
    os._exit(1)


def _read(named: tuple[Path, str]) -> ReadFile:
    return _reader.read(*named)


def _refuse_leading_out(path: Path, name: str) -> None:
    """Refuse a link to a file outside the folder that was given: what it leads to was not sent."""
    folder = path.parents[len(Path(name).parts) - 1]
    if not path.resolve().is_relative_to(folder.resolve()):
        raise DataError("The file is a link that leads out of its folder: put the file itself here.")


def _source(path: Path) -> str:
    try:
        return sha256(path)[:16]
    except OSError:
        return ""
