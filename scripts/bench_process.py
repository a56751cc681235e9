"""What a process and those that it starts cost: memory at the peak, seconds of all cores."""

from __future__ import annotations

import contextlib
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PROC = Path("/proc")
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
OFTEN = 0.1


def forget_peak() -> float:
    """Let the peak of memory start from what is resident now, where the system allows it; return it."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak_kilobytes()


def peak_kilobytes(pid: int | str = "self") -> float:
    """Return the peak of a process alone: ru_maxrss on Linux starts from that of the process which started it."""
    try:
        lines = (PROC / str(pid) / "status").read_text(encoding="utf-8").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
    except (OSError, StopIteration):
        unit = 1024 if sys.platform == "darwin" else 1
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit if pid == "self" else 0.0


def watched(
    command: Sequence[str], environment: Mapping[str, str], *, together: bool = False
) -> tuple[str, float, float]:
    """Run a command and watch it and every process under it.

    Parameters
    ----------
    command : sequence of str
    environment : Mapping
    together : bool, default False
        Memory is the most that all held at one time, what they share counted once; otherwise their peaks added up.

    Returns
    -------
    output : str
        What it printed.
    megabytes : float
        By default the peaks of all its processes added up, so never too little.
    cpu : float
        Seconds of all cores, up to OFTEN before the end of each process.
    """
    peaks: dict[int, float] = {}
    ticks: dict[int, float] = {}
    most = 0.0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(environment)) as process:
        while process.poll() is None:
            alive = [process.pid, *_below(process.pid)]
            most = max(most, sum(map(_held, alive))) if together else most
            for pid in alive:
                peaks[pid] = max(peaks.get(pid, 0.0), peak_kilobytes(pid))
                ticks[pid] = max(ticks.get(pid, 0.0), _seconds(pid))
            time.sleep(OFTEN)
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, list(command), output)
    return output, (most if together else sum(peaks.values())) / 1024, sum(ticks.values())


def _below(parent: int) -> list[int]:
    """Return the processes that a process started, and those that these started."""
    parents: dict[int, int] = {}
    for place in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            parents[int(place.parent.name)] = int(place.read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    found, look = list[int](), [parent]
    while look:
        one = look.pop()
        own = [pid for pid, above in parents.items() if above == one]
        found, look = found + own, look + own
    return found


def _held(pid: int) -> float:
    """Return the kilobytes that a process holds, of shared ones its part."""
    with contextlib.suppress(OSError, StopIteration):
        lines = (PROC / str(pid) / "smaps_rollup").read_text(encoding="utf-8").splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("Pss:")))
    return 0.0


def _seconds(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = (PROC / str(pid) / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK
    return 0.0
