"""A real Chromium, cut off from everything but this machine; without one the tests are skipped, loudly."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
OURS = ("127.0.0.1", None)


def installed() -> str | None:
    """Path of a browser of this machine."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def downloaded() -> bool:
    """Try once to get Playwright's own browser."""
    if os.environ.get("OKO_NO_DOWNLOAD"):
        return False
    try:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        return subprocess.run(command, timeout=180, capture_output=True, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = installed()
    if path is None and not downloaded():
        pytest.skip("there is no Chromium on this machine, and none could be downloaded")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page, what it asked for outside this machine, and what went wrong in it."""

    page: Any
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def note_request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "file") and address.hostname not in OURS:
            self.outside.append(request.url)

    def note_console(self, message: Any) -> None:
        if message.type == "error" and "/voila/api/shutdown/" not in str(message.location):
            self.errors.append(message.text)


@pytest.fixture
def visit(chromium: Any) -> Iterator[Visit]:
    page = chromium.new_page(viewport={"width": 1280, "height": 720})
    made = Visit(page)
    page.on("request", made.note_request)
    page.on("websocket", made.note_request)
    page.on("console", made.note_console)
    page.on("pageerror", lambda error: made.errors.append(str(error)))
    yield made
    page.close()
