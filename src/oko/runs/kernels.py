"""Kernels that do not disturb one another, however many run at a time."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbformat import NotebookNode
from papermill.engines import NBClientEngine, papermill_engines
from papermill.iorw import write_ipynb

from oko.runs.standby import StandbyProvisioner

START_TIMEOUT = 120
ENGINE = "oko"
KERNEL_LOG = "OKO_KERNEL_LOG"
# one thread for linear algebra and a fixed hash seed: equal bytes with any number of workers
SAME_EVERYWHERE = {
    **{f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")},
    "PYTHONHASHSEED": "0",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # whoever forks must have no thread
}
_OWN_FOLDERS = ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR")


class PrivateKernelManager(AsyncKernelManager):
    """A kernel on Unix sockets of its own; the default on TCP now and then meets a port already in use."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        if os.name == "posix":
            self.transport = "ipc"
            self.ip = str(Path(os.environ["JUPYTER_RUNTIME_DIR"]) / "k")

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        """Send what the kernel itself says to a file: on the terminal it would stand among other runs' lines.

        Where a process stands by to be the kernel, it is taken.
        """
        if self.provisioner is None:
            self.provisioner = StandbyProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        command, started = await super()._async_pre_start_kernel(**options)
        path = os.environ.get(KERNEL_LOG)
        if path:
            started["stderr"] = Path(path).open("ab")  # noqa: SIM115  # the kernel holds it
        return command, started


class OnceEngine(NBClientEngine):  # type: ignore[misc]  # papermill has no types
    """Executes a notebook and writes it once, at its end: papermill's own engine writes all of it after each cell."""

    @classmethod
    def execute_notebook(
        cls, nb: NotebookNode, kernel_name: str, output_path: str | None = None, **options: Any
    ) -> NotebookNode:
        """Execute a notebook; where that ends early, write it as far as it came."""
        try:
            executed: NotebookNode = super().execute_notebook(nb, kernel_name, output_path=None, **options)
        except BaseException:
            write_ipynb(nb, output_path)
            raise
        return executed


papermill_engines.register(ENGINE, OnceEngine)


@contextmanager
def private_environment(**variables: str) -> Iterator[None]:
    """Give the kernel started inside folders of its own, one thread for linear algebra and a fixed hash seed.

    With these, tables are equal byte for byte whatever the number of workers. Sockets have short path limits, so the
    folder is made in the system's temporary place.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="oko-", ignore_cleanup_errors=True) as folder:
        for name in _OWN_FOLDERS:
            os.environ[name] = folder
        os.environ.update({**SAME_EVERYWHERE, **variables})
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
