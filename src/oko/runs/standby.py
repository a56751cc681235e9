"""A kernel that stands by: forked from a worker that has everything loaded, it saves a run the seconds of its start.

A worker is forked from a server that has imported what every study needs (:mod:`oko.show.warm` last). Before it
starts a thread it forks once more; the child waits at a pipe. When the run wants its kernel, the child is told the
kernel's command, environment and folder, and becomes it. Where something of this is not so, the kernel starts the
usual way.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

REHEARSAL = "oko.show.warm"
_LAUNCHER = "ipykernel_launcher"
_waiting: list[_Standby] = []


class _Standby:
    """A forked process that waits for its order; from then on it is looked after as a ``subprocess.Popen`` is."""

    stdin = stdout = stderr = None

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            _become_kernel(reading)
        os.close(reading)
        self._writing = writing

    def order(self, order: Mapping[str, object]) -> None:
        with os.fdopen(self._writing, "wb") as pipe:
            pipe.write(json.dumps(order).encode())

    def poll(self) -> int | None:
        return self._wait(os.WNOHANG)

    def wait(self) -> int | None:
        return self._wait(0)

    def _wait(self, options: int) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, options)
            except ChildProcessError:
                self.returncode = 0
            else:
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def stand_by() -> None:
    """Fork the kernel that the worker's run will want, unless a thread runs already or text is hashed at random."""
    tasks = Path("/proc/self/task")
    alone = tasks.is_dir() and len(list(tasks.iterdir())) == 1
    if alone and not sys.flags.hash_randomization and REHEARSAL in sys.modules:
        _waiting.append(_Standby())


class StandbyProvisioner(LocalProvisioner):
    """Gives a kernel manager the process that stands by; an ordinary one where none does."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch a kernel with a command."""
        if _LAUNCHER not in cmd or not _waiting:
            return await super().launch_kernel(cmd, **kwargs)
        standby = _waiting.pop()
        try:
            standby.order(_order(cmd, **kwargs))
        except OSError:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = standby  # type: ignore[assignment]  # all that is asked of a Popen here
        self.pid, self.pgid = standby.pid, None
        self.cwd = kwargs.get("cwd") or Path.cwd()
        return self.connection_info


def _order(cmd: Sequence[str], **kwargs: Any) -> dict[str, object]:
    log = kwargs.get("stderr")
    return {
        "arguments": list(cmd[cmd.index(_LAUNCHER) + 1 :]),
        "environment": dict(kwargs.get("env") or os.environ),
        "folder": str(kwargs.get("cwd") or Path.cwd()),
        "log": getattr(log, "name", None),
    }


def _become_kernel(reading: int) -> None:
    """Wait for the order, then be a kernel until the end: nothing of the worker goes on in this process."""
    try:
        os.setsid()
        _close_but(reading)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        if told:
            _serve(**json.loads(told))
    except BaseException:  # a fork must never return into the worker's code
        with contextlib.suppress(BaseException):
            sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _close_but(kept: int) -> None:
    """Close what the worker holds: who waits for the worker's end must not wait for its kernel's."""
    highest = os.sysconf("SC_OPEN_MAX")
    os.closerange(3, kept)
    os.closerange(kept + 1, min(highest, 65536))


def _serve(arguments: list[str], environment: dict[str, str], folder: str, log: str | None) -> None:
    from ipykernel.kernelapp import IPKernelApp

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    if log is not None:
        with Path(log).open("ab") as file:
            os.dup2(file.fileno(), 2)
    sys.argv = [_LAUNCHER, *arguments]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app: Any = IPKernelApp.instance(parent_handle=os.getppid())  # it ends where the worker has died
    app.initialize(arguments)
    app.start()
    sys.stdout.flush()
    sys.stderr.flush()
