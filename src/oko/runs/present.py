"""The board for a hall: Voila as a child process that knows no secrets and answers this machine alone unless asked."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from oko.errors import RunError, SettingError
from oko.language import current, gettext, number
from oko.workspace import Workspace

BOARD = "notebooks/dashboards/conference.ipynb"
LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104  # the second only with a token
USUAL_PORT = 8866
START_SECONDS = 60
STOP_SECONDS = 10
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "OKO_WORK")
SHARED = {"MappingKernelManager": {"cull_connected": True, "cull_idle_timeout": 1800, "cull_interval": 60}}


@dataclass(frozen=True)
class Board:
    """A running board.

    Attributes
    ----------
    process : Popen
    address : str
        What a viewer opens; with the token where the board is shared.
    log : Path
        What the server said.
    """

    process: subprocess.Popen[bytes]
    address: str
    log: Path


def present(workspace: Workspace, share: bool = False, port: int | None = None) -> int:
    """Show the board of a cluster until it is stopped.

    Parameters
    ----------
    workspace : Workspace
    share : bool, default False
        Answer the hall's network, behind a token; otherwise this machine alone.
    port : int, optional
        By default 8866, or a free one where that is taken.

    Returns
    -------
    int
        Exit status: 0 after Ctrl+C.

    Raises
    ------
    SettingError
        The port is taken or cannot be used.
    RunError
        The server did not start, or stopped by itself.
    """
    print(gettext("Opening the board…"), flush=True)
    try:
        with opened(workspace, share=share, port=port) as board:
            print(gettext("The board is open: {address}").format(address=board.address), flush=True)
            if share:
                print(
                    gettext("Anyone who knows this address sees the board: the traffic is not encrypted."), flush=True
                )
            print(gettext("stop: Ctrl+C"), flush=True)
            code = board.process.wait()
            raise RunError("The board stopped with code {code}: {detail}", code=code, detail=_last_words(board.log))
    except KeyboardInterrupt:
        print("\n" + gettext("The board is closed."), flush=True)
        return 0


@contextmanager
def opened(workspace: Workspace, *, share: bool = False, port: int | None = None) -> Iterator[Board]:
    """Start the board, hand it over once it answers, and stop it with everything it started.

    Parameters
    ----------
    workspace : Workspace
    share : bool
    port : int, optional
    """
    notebook = workspace.root / BOARD
    if not notebook.is_file():
        raise SettingError("The board notebook {path} is missing; take the project anew.", path=BOARD)
    host = EVERYWHERE if share else LOOPBACK
    chosen = choose_port(host, port)
    token = secrets.token_urlsafe(16) if share else ""
    with tempfile.TemporaryDirectory(prefix="oko-board-", ignore_cleanup_errors=True) as folder:
        settings = Path(folder) / "voila.json"
        _write_private(settings, configuration(workspace, host, chosen, token))
        log = Path(folder) / "board.log"
        with log.open("wb") as said, _interrupted_by_termination():
            process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own arguments
                [sys.executable, "-m", "voila", str(notebook), f"--Voila.config_file_paths={folder}"],
                env=environment(workspace, Path(folder)),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                _wait(process, chosen, log)
                settings.unlink()
                yield Board(process, _address(share, chosen, token), log)
            finally:
                _stop(process)


def configuration(workspace: Workspace, host: str, port: int, token: str) -> dict[str, Any]:
    """Return Voila's settings: those of ``templates/voila/voila.json`` with the place to answer at.

    Parameters
    ----------
    workspace : Workspace
    host : str
    port : int
    token : str
        Empty only where the host is this machine.
    """
    if host != LOOPBACK and not token:
        raise SettingError("The board is not opened to a network without a token.")
    settings: dict[str, Any] = json.loads((workspace.root / "templates/voila/voila.json").read_text(encoding="utf-8"))
    place = {"Voila": {"ip": host, "port": port, "token": token}}
    words = {"VoilaConfiguration": {"resources": {"oko": _words(workspace)}}}
    for more in (place, words, SHARED if token else {}):
        for name, values in more.items():
            settings[name] = {**settings.get(name, {}), **values}
    return settings


def _words(workspace: Workspace) -> dict[str, str]:
    return {
        "language": current(),
        "title": f"ОКО: {workspace.cluster.name.text()}",
        "waiting": gettext("The board is opening…"),
        "patience": gettext("This usually takes less than ten seconds."),
        "script": gettext("The board needs JavaScript: allow it in the browser."),
    }


def environment(workspace: Workspace, folder: Path) -> dict[str, str]:
    """Return the child's environment: the kernel inherits it, so no secret may be in it.

    Parameters
    ----------
    workspace : Workspace
    folder : Path
        Place for what Jupyter writes.
    """
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    own = dict.fromkeys(("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"), str(folder))
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    told = {
        "JUPYTER_PATH": str(workspace.root / "templates" / "voila"),
        "OKO_CLUSTER": workspace.cluster.code,
        "OKO_LANGUAGE": current(),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {**kept, **own, **threads, **told}


def choose_port(host: str, port: int | None) -> int:
    """Return the port asked for, the usual one, or a free one.

    Raises
    ------
    SettingError
        The port asked for is taken, or is not from 1024 to 65535.
    """
    if port is None:
        return USUAL_PORT if _free(host, USUAL_PORT) else _any_port(host)
    if not 1024 <= port <= 65535:
        raise SettingError("Port {port} is not from 1024 to 65535; leave it out, and a free one is taken.", port=port)
    if not _free(host, port):
        raise SettingError("Port {port} is taken: name another, or none, and a free one is taken.", port=port)
    return port


def _free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _any_port(host: str) -> int:
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _address(share: bool, port: int, token: str) -> str:
    return f"http://{_own_address()}:{port}/?token={token}" if share else f"http://{LOOPBACK}:{port}/"


def _own_address() -> str:
    """Return this machine's address in its network; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _write_private(path: Path, settings: Mapping[str, Any]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as target:
        json.dump(settings, target, ensure_ascii=False)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            detail = _last_words(log)
            raise RunError("The board stopped with code {code}: {detail}", code=process.returncode, detail=detail)
        if _answers(port):
            return
        time.sleep(0.1)
    raise RunError(
        "The board did not start within {seconds} s: {detail}", seconds=number(START_SECONDS), detail=_last_words(log)
    )


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/voila/files/none")  # refused, and starts no kernel
        return connection.getresponse().status in (302, 403)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "–"


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _interrupted_by_termination() -> Iterator[None]:
    """Treat a request to end this process as Ctrl+C, so that the board is stopped with it."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, interrupt)
    except ValueError:  # not the main thread: signals are somebody else's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
