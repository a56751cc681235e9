"""Keys: the secret that pseudonyms are made with lies outside the project, readable by its owner alone."""

from __future__ import annotations

import hmac
import os
import re
import secrets
from pathlib import Path

from oko.errors import SettingError
from oko.records.cluster import DEVICE, Cluster
from oko.records.pseudonyms import Pseudonyms
from oko.records.settings_files import CODE_PATTERN

FOLDER_VARIABLE = "OKO_KEYS"
PUBLISHED = "published.key"
KEY_BYTES = 32
PUBLISHED_COMMENT = (
    "# Этот ключ опубликован: он только для придуманных данных, и настоящему кластеру нельзя им пользоваться. / "
    "This key is published: it is for invented data only, and a real cluster must never use it."
)

_LONGEST = 4096
_FORM = re.compile(r"(?:#[^\n]*\n|\s)*oko-key-1 ([0-9a-f]{64})\s*")
_BARE_KEY = re.compile(r"(?:oko-key-1\s+)?[0-9a-fA-F]{64}")


def check_code(code: str) -> str:
    """Return a cluster's code if a folder and a file may be called so.

    Raises
    ------
    SettingError
        It has other signs than a code may have, or it is the name of a device.

    Examples
    --------
    >>> check_code("nevsky")
    'nevsky'
    """
    if not re.fullmatch(CODE_PATTERN, code) or DEVICE.fullmatch(code):
        raise SettingError(
            "Cluster code {given} is not allowed: it has small Latin letters, digits, - and _, up to 32 characters, "
            "and is no name of a device.",
            given=repr(code[:80]),
        )
    return code


def key_path(code: str) -> Path:
    """Return where the key of a real cluster lies: $OKO_KEYS, else $XDG_CONFIG_HOME/oko/keys, else ~/.config/oko/keys.

    Parameters
    ----------
    code : str
        Code of the cluster.

    Raises
    ------
    SettingError
        The code is none, or OKO_KEYS is no absolute path of a folder.
    """
    name = f"{check_code(code)}.key"
    given = os.environ.get(FOLDER_VARIABLE)
    if given:
        folder = Path(given).expanduser()
        if _BARE_KEY.fullmatch(given.strip()) or not folder.is_absolute():
            raise SettingError(
                "{variable} must be the whole path of the folder of keys, never a key itself (its value is not shown).",
                variable=FOLDER_VARIABLE,
            )
        return folder / name
    settings = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        base = Path(settings) if Path(settings).is_absolute() else Path.home() / ".config"
    except RuntimeError:
        raise SettingError(
            "There is no home folder for keys: let {variable} name one.", variable=FOLDER_VARIABLE
        ) from None
    return base / "oko" / "keys" / name


def published_path(root: Path, code: str) -> Path:
    """Return where the published key of an example cluster lies."""
    return root / "data" / "clusters" / check_code(code) / PUBLISHED


def make_key(root: Path, code: str) -> Path:
    """Make the key of a real cluster: 32 random bytes, mode 0600 in a folder of mode 0700.

    Parameters
    ----------
    root : Path
        The project's folder, in which no key may lie.
    code : str
        Code of the cluster.

    Returns
    -------
    Path
        The file, a line ``oko-key-1`` and 64 hexadecimal digits.

    Raises
    ------
    SettingError
        There is a key already, the place lies in the project, or it cannot be written.
    """
    path = key_path(code)
    _refuse_inside(root, path)
    _write_new(path, "", private=True)
    return path


def make_published_key(root: Path, code: str) -> Path:
    """Make the key of an example cluster, which lies in the project for all to see.

    Raises
    ------
    SettingError
        There is one already, or it cannot be written.
    """
    path = published_path(root, code)
    _write_new(path, PUBLISHED_COMMENT + "\n", private=False)
    return path


def _write_new(path: Path, heading: str, *, private: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o644)
    except FileExistsError:
        raise SettingError(
            "There is a key already: {path}. It is never replaced: with another key nobody is recognised any more. "
            "Move it away yourself if you are sure.",
            path=path,
        ) from None
    except OSError as error:
        raise SettingError("The key cannot be written: {path}: {detail}.", path=path, detail=error.strerror) from None
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(f"{heading}oko-key-1 {secrets.token_bytes(KEY_BYTES).hex()}\n")
        target.flush()
        os.fsync(target.fileno())


def read_key(root: Path, cluster: Cluster) -> bytes:
    """Read a cluster's key: of a real cluster its own, of an example cluster the published one.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : Cluster

    Returns
    -------
    bytes
        32 bytes.

    Raises
    ------
    SettingError
        There is none; or it lies in the project, others may read it, it is not of the form of a key, or it is a
        published one and the cluster is real. What stands in the file is never repeated.
    """
    path = published_path(root, cluster.code) if cluster.example else key_path(cluster.code)
    if not _there(path):
        raise SettingError(
            "Cluster {cluster} has no key ({path}): run “oko init --cluster {cluster}”.",
            cluster=cluster.code,
            path=path,
        )
    if not cluster.example:
        _refuse_inside(root, path)
    key = _read(path, private=not cluster.example)
    if key is None:
        raise SettingError(
            "File {path} is no key: a line “oko-key-1” and 64 digits 0–9, a–f must stand in it. "
            "Put back the copy that you keep, or move the file away and run “oko init --cluster {cluster}” for another "
            "key (then nobody is recognised any more).",
            path=path,
            cluster=cluster.code,
        )
    if not cluster.example and _is_published(root, key):
        del key
        raise SettingError(
            "The key {path} is a published one, for invented data only: anybody could find out names with it. "
            "Move it away and run “oko init --cluster {cluster}”.",
            path=path,
            cluster=cluster.code,
        )
    return key


def pseudonyms_for(root: Path, cluster: Cluster) -> Pseudonyms | None:
    """Return what makes a cluster's pseudonyms; None while there is no key.

    Raises
    ------
    SettingError
        There is a key, and it must not be used (see :func:`read_key`).
    """
    path = published_path(root, cluster.code) if cluster.example else key_path(cluster.code)
    return Pseudonyms(cluster.code, read_key(root, cluster)) if _there(path) else None


def _there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> SettingError:
    return SettingError("The key {path} cannot be read: {detail}.", path=path, detail=error.strerror)


def _refuse_inside(root: Path, path: Path) -> None:
    if path.resolve().is_relative_to(root.resolve()):
        raise SettingError(
            "The key {path} lies in the project’s folder, from where it could be sent or committed: "
            "move it out, and let {variable} name its folder.",
            path=path,
            variable=FOLDER_VARIABLE,
        )


def _read(path: Path, *, private: bool) -> bytes | None:
    """Return the key of a file, or None when there is none in it; the mode is that of the file which is read."""
    try:
        with path.open("rb") as source:
            exposed = private and os.name == "posix" and bool(os.fstat(source.fileno()).st_mode & 0o077)
            found = None if exposed else _FORM.fullmatch(_text(source.read(_LONGEST)))
    except OSError as error:
        raise _unreadable(path, error) from None
    if exposed:
        raise SettingError("Others may read the key {path}: run “chmod 600 {path}”.", path=path)
    return bytes.fromhex(found[1]) if found else None


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n")


def _is_published(root: Path, key: bytes) -> bool:
    published = (root / "data" / "clusters").glob(f"*/{PUBLISHED}")
    known = [_read(path, private=False) for path in published]
    return any(other is not None and hmac.compare_digest(other, key) for other in known)
