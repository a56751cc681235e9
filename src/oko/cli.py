"""One thin verb for each thing a person does."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from oko import language
from oko.errors import OkoError, SettingError
from oko.language import gettext

VERBS: dict[str, str] = {
    "yearly": "make all analyses of a year, its index and its release",
    "run": "make the studies that are not up to date",
    "list": "list studies, units and years, and whether each is up to date",
    "import": "check the files received and store them",
    "check": "name everything that is wrong with files, change nothing",
    "example": "write the raw files of the example cluster",
    "release": "check and sign the outputs that may be shown",
    "present": "start the board",
    "docs": "write the data dictionary",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run ``oko``; return 0 where all is well, 1 where something failed, 2 where the call or a setting is wrong."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        language.use(_asked_language(words))
        options = _parser().parse_args(words)
        if options.verb is None:
            raise SettingError("Say what to do: oko --help lists the verbs.")
        return _actions()[options.verb](options)
    except OkoError as error:
        print(f"oko: {error}", file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("\noko: " + gettext("stopped; what was done stays done."), file=sys.stderr)
        return 130
    except OSError as error:
        print(f"oko: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


def _asked_language(words: Sequence[str]) -> str:
    """Find the language before the words are parsed, so that help and errors are in it too."""
    for place, word in enumerate(words):
        if word.startswith("--language="):
            return word.partition("=")[2]
        if word == "--language" and place + 1 < len(words):
            return words[place + 1]
    return os.environ.get("OKO_LANGUAGE") or "ru"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        raise SettingError("{detail} (oko --help)", detail=message)


def _parser() -> argparse.ArgumentParser:
    argparse._ = gettext  # type: ignore[attr-defined]  # argparse takes its own words from here
    parser = _Parser(prog="oko", description=gettext("The ОКО workbench"))
    verbs = parser.add_subparsers(dest="verb", metavar=gettext("VERB"), parser_class=_Parser)
    made = {verb: verbs.add_parser(verb, help=gettext(text), description=gettext(text)) for verb, text in VERBS.items()}
    for entry in made.values():
        _environment_option(entry, "--cluster", "OKO_CLUSTER", gettext("folder in data/clusters"))
        entry.add_argument(
            "--language", choices=language.LANGUAGES, default=language.current(), help=gettext("language of pages")
        )
    for verb in ("yearly", "run", "list", "release"):
        _environment_option(made[verb], "--year", "OKO_YEAR", gettext("school year; the latest by default"))
    for verb in ("yearly", "run"):
        made[verb].add_argument(
            "--jobs", type=_jobs, default=os.environ.get("OKO_JOBS") or None, help=gettext("runs at a time")
        )
    for verb in ("run", "list"):
        made[verb].add_argument("--study", help=gettext("only this study"))
        made[verb].add_argument("--school", help=gettext("only this school"))
    made["run"].add_argument("--force", action="store_true", help=gettext("make runs that are up to date too"))
    made["run"].add_argument("--dry-run", action="store_true", help=gettext("only say what would be made"))
    made["release"].add_argument("--reviewer", help=gettext("name of the second person who signs"))
    made["present"].add_argument("--share", action="store_true", help=gettext("open to the hall, with a token"))
    made["present"].add_argument("--port", type=int, help=gettext("port; a free one by default"))
    for verb in ("check", "import"):
        made[verb].add_argument("paths", nargs="*", type=Path, help=gettext("files or folders; raw/ by default"))
    return parser


def _environment_option(parser: argparse.ArgumentParser, name: str, variable: str, text: str) -> None:
    parser.add_argument(name, default=os.environ.get(variable) or None, help=text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(
            gettext("a whole number from 1 to 64 is needed, not {text}").format(text=repr(text))
        )
    return int(text)


def _actions() -> dict[str, Callable[[argparse.Namespace], int]]:
    from oko import verbs

    return {verb: getattr(verbs, verb if verb != "import" else "import_") for verb in VERBS}


if __name__ == "__main__":
    sys.exit(main())
