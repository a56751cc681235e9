"""One family of errors: each says what is wrong, where, and what to do, in the reader's language."""

from __future__ import annotations

from oko import language


class OkoError(Exception):
    """Base of every error that oko raises on purpose.

    Parameters
    ----------
    message : str
        English template with named fields; it is translated when the error is shown.
    **values
        What the fields stand for. They are never translated.

    Examples
    --------
    >>> str(OkoError("File {path} is empty.", path="a.csv"))
    'File a.csv is empty.'
    """

    exit_status = 1

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(message)
        self.message = message
        self.values = values

    def __str__(self) -> str:
        return language.gettext(self.message).format(**self.values)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.values)


def _rebuild(kind: type[OkoError], message: str, values: dict[str, object]) -> OkoError:
    return kind(message, **values)


class SettingError(OkoError):
    """The words of a call, or a setting in a file, are wrong."""

    exit_status = 2


class DataError(OkoError):
    """Data are missing, damaged or not of the declared form."""


class StoreError(DataError):
    """The cluster's store is empty or damaged, so the call cannot mean anything yet."""

    exit_status = 2


class MeasureError(OkoError):
    """A measure was asked for something that these data cannot answer."""


class RunError(OkoError):
    """A run of a study did not come to its end."""


class ReleaseError(OkoError):
    """An output may not leave, or what left has been changed."""
