"""Kernels of the board: they are not told the address that a visitor came by, for it may hold the token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager

UNTOLD = ("VOILA_REQUEST_URL", "QUERY_STRING")


class BoardKernelManager(AsyncMappingKernelManager):
    """Voila's kernel manager that keeps visitors' addresses out of kernels' environments."""

    async def _async_start_kernel(self, *, env: Mapping[str, str] | None = None, **options: Any) -> str:
        told = None if env is None else {name: value for name, value in env.items() if name not in UNTOLD}
        kernel: str = await super()._async_start_kernel(env=told, **options)
        return kernel

    start_kernel = _async_start_kernel  # type: ignore[assignment]  # as its parent does
