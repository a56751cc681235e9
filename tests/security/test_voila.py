"""What the board's server refuses, what it tells its kernel, and whom it answers."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import fake_release
import oko
from oko.errors import RunError, SettingError
from oko.runs import present
from oko.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    fake_release.write(folder / "example" / "results")
    return folder


@pytest.fixture(scope="module")
def workspace(work: Path) -> Iterator[Workspace]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKO_WORK", str(work))
        patch.setenv("OKO_SECRET_KEY", "canary-secret")
        yield oko.open(ROOT, cluster="example")


@pytest.fixture(scope="module")
def board(workspace: Workspace) -> Iterator[present.Board]:
    with present.opened(workspace) as made:
        yield made


@pytest.fixture(scope="module")
def shared(workspace: Workspace) -> Iterator[present.Board]:
    with present.opened(workspace, share=True) as made:
        yield made


def ask(board: present.Board, path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
    """Ask the board and follow its own redirects."""
    for _ in range(4):
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(board.address).port or 0, timeout=60)
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        body, found = answer.read().decode("utf-8", "replace"), {k.lower(): v for k, v in answer.getheaders()}
        connection.close()
        if answer.status not in (301, 302) or "login" in found.get("location", ""):
            return answer.status, body, found
        path = found["location"]
    raise AssertionError("endless redirects")


@pytest.mark.parametrize(
    "path",
    [
        "/voila/files/conference.ipynb",
        "/voila/files/picture.png",
        "/voila/files/../../pyproject.toml",
        "/voila/files/..%2f..%2fpyproject.toml",
        "/voila/files/%2e%2e/%2e%2e/README.md",
        "/voila/tree",
        "/voila/tree/",
        "/voila/api/contents",
        "/voila/api/contents/conference.ipynb",
        "/api/contents",
        "/api/contents/conference.ipynb",
        "/api/kernels",
        "/api/sessions",
        "/api/terminals",
        "/voila/render/conference.ipynb",
        "/voila/render/../../templates/cluster/cluster_year.ipynb",
        "/voila/render/%2e%2e/%2e%2e/templates/cluster/cluster_year.ipynb",
        "/voila/templates/oko/static/../index.html.j2",
        "/voila/static/../../../app.py",
        "/files/conference.ipynb",
        "/notebooks/conference.ipynb",
        "/edit/conference.ipynb",
    ],
)
def test_files_trees_contents_and_other_notebooks_are_refused(board: present.Board, path: str) -> None:
    status, body, _ = ask(board, path)
    assert status in (400, 403, 404, 405, 500)  # 500: Voila itself stumbles over the path, and shows nothing
    assert not re.search(r"open_conference|import oko|\bpyproject\b|extends|Traceback", body)
    assert str(ROOT) not in body


@pytest.mark.parametrize("path", ["/", "/?template=lab&theme=dark", "/?parameters=%7B%22x%22%3A1%7D"])
def test_the_page_is_ours_whatever_the_address_asks(board: present.Board, path: str) -> None:
    status, body, headers = ask(board, path)
    assert status == 200
    assert '<html lang="ru">' in body
    assert "Доска открывается" in body
    assert "default-src 'self'" in headers["content-security-policy"]
    assert not re.search(r"https?://(?!127\.0\.0\.1)[a-z0-9.-]+\.(com|net|org|io)[^\"'\s]*\.(js|css)", body)
    assert not re.search(r"open_conference|import oko|theme-dark\"", body)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_can_be_written(board: present.Board, method: str) -> None:
    for path in ("/", "/api/kernels", "/voila/api/contents/x.ipynb", "/voila/files/x.png"):
        assert ask(board, path, method)[0] in (403, 404, 405)


def test_a_socket_from_another_origin_is_refused(board: present.Board) -> None:
    kernel = re.search(r'"kernelId": "([0-9a-f-]{36})"', ask(board, "/")[1])
    assert kernel
    upgrade = {
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://elsewhere.example",
    }  # fmt: skip
    assert ask(board, f"/api/kernels/{kernel[1]}/channels", **upgrade)[0] == 403


def test_a_visitor_cannot_run_code(board: present.Board, tmp_path: Path) -> None:
    from tornado.ioloop import IOLoop
    from tornado.websocket import websocket_connect

    kernel = re.search(r'"kernelId": "([0-9a-f-]{36})"', ask(board, "/")[1])
    assert kernel
    file = tmp_path / "written"
    header = {"msg_id": "1", "username": "x", "session": "s", "msg_type": "execute_request", "version": "5.3"}
    content = {
        "code": f"open({str(file)!r}, 'w').close()",
        "silent": False,
        "store_history": False,
        "allow_stdin": False,
    }
    message = {
        "header": header,
        "parent_header": {},
        "metadata": {},
        "content": content,
        "channel": "shell",
        "buffers": [],
    }

    async def send() -> None:
        address = board.address.replace("http", "ws") + f"api/kernels/{kernel[1]}/channels"
        connection = await websocket_connect(address)
        await connection.write_message(json.dumps(message))
        connection.close()

    # in a thread of its own: a browser test of the same session keeps a loop running in this one
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: IOLoop(make_current=False).run_sync(send, timeout=30)).result()
    time.sleep(2)
    assert not file.exists()


def test_the_server_answers_this_machine_alone(board: present.Board) -> None:
    port = urlsplit(board.address).port
    assert urlsplit(board.address).hostname == "127.0.0.1"
    listening = [line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    places = {fields[1] for fields in listening if fields[3] == "0A" and fields[1].endswith(f":{port:04X}")}
    assert places == {f"0100007F:{port:04X}"}


def test_neither_server_nor_kernels_know_secrets(board: present.Board) -> None:
    ask(board, "/")
    group = os.getpgid(board.process.pid)
    family = {board.process.pid, *descendants(board.process.pid)}
    assert len(family) > 1
    for pid in family:
        text = Path(f"/proc/{pid}/environ").read_bytes()
        assert b"canary-secret" not in text
        assert b"OKO_CLUSTER=example" in text
    assert group == board.process.pid


def descendants(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError):  # a process may end while it is looked at
            for child in (task / "children").read_text(encoding="ascii").split():
                found += [int(child), *descendants(int(child))]
    return found


def test_a_shared_board_asks_for_its_token(shared: present.Board) -> None:
    token = shared.address.partition("token=")[2]
    assert len(token) >= 20
    status, _, headers = ask(shared, "/")
    assert status in (302, 403)
    assert "login" in headers.get("location", "")
    assert ask(shared, "/?token=wrong")[0] in (302, 403)
    assert ask(shared, "/api/kernels/00000000-0000-0000-0000-000000000000/channels")[0] in (302, 403)
    assert "Доска открывается" in ask(shared, f"/?token={token}")[1]


def test_the_token_is_in_no_environment_command_or_file(shared: present.Board) -> None:
    token = shared.address.partition("token=")[2].encode()
    for pid in (shared.process.pid, *descendants(shared.process.pid)):
        assert token not in Path(f"/proc/{pid}/environ").read_bytes()
        assert token not in Path(f"/proc/{pid}/cmdline").read_bytes()
    for path in shared.log.parent.rglob("*.json"):
        assert token not in path.read_bytes(), path


def test_a_network_without_a_token_is_refused(workspace: Workspace) -> None:
    with pytest.raises(SettingError, match="ключа"):
        present.configuration(workspace, "0.0.0.0", 8866, "")  # noqa: S104


@pytest.mark.parametrize("port", [0, 80, 70000])
def test_a_wrong_port_is_named(port: int) -> None:
    with pytest.raises(SettingError, match=str(port)):
        present.choose_port("127.0.0.1", port)


def test_a_taken_port_is_named_and_none_asked_for_finds_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingError, match="занят"):
            present.choose_port("127.0.0.1", taken.getsockname()[1])
    assert 1024 <= present.choose_port("127.0.0.1", None) <= 65535


def test_a_server_that_dies_says_why(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present, "configuration", lambda *_: {"Voila": {"port": "no number"}})
    with pytest.raises(RunError, match="остановилась"), present.opened(workspace):
        raise AssertionError("it started")


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_oko_present_prints_the_address_and_stops_with_everything(work: Path, stop: signal.Signals) -> None:
    command = [sys.executable, "-m", "oko.cli", "present", "--cluster", "example"]
    environment = {**os.environ, "OKO_WORK": str(work), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # background jobs ignore it
    ) as process:  # fmt: skip
        assert process.stdout
        said = [process.stdout.readline().strip() for _ in range(3)]
        assert re.fullmatch(r"Доска открыта: http://127\.0\.0\.1:\d+/", said[1])
        assert said[2] == "остановить: Ctrl+C"
        family = descendants(process.pid)
        process.send_signal(stop)
        rest = process.stdout.read()
        assert process.wait(30) == 0
    assert "Доска закрыта." in rest
    assert family
    for _ in range(100):
        alive = [pid for pid in family if Path(f"/proc/{pid}").exists()]
        if not alive:
            break
        time.sleep(0.1)
    assert not alive


def test_server_and_kernels_talk_to_this_machine_alone(board: present.Board) -> None:
    psutil = pytest.importorskip("psutil")
    ask(board, "/")
    for pid in (board.process.pid, *descendants(board.process.pid)):
        for place in psutil.Process(pid).net_connections(kind="inet"):
            assert place.laddr.ip in ("127.0.0.1", "::1"), place
            assert not place.raddr or place.raddr.ip in ("127.0.0.1", "::1"), place
