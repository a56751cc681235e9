"""One thin verb for each thing a person does."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from oko import language
from oko.errors import OkoError, SettingError
from oko.language import gettext, visible

VERBS: dict[str, str] = {
    "yearly": "make all analyses of a year, its index and its release",
    "run": "make the studies that are not up to date",
    "list": "list studies, units and years, and whether each is up to date",
    "init": "make an empty cluster and its key",
    "check": "name everything that is wrong with files, change nothing",
    "import": "check the files received and store them",
    "export": "write a data package of a school without names",
    "forget": "delete a pupil, a school or a term from every stored version",
    "example": "write the raw files of the example cluster",
    "protocol": "fix the protocol of the effect study (lock), show it or check it",
    "release": "check, sign or withdraw the outputs that may be shown",
    "present": "start the board",
    "new": "make a new study from the starter",
    "docs": "write the data dictionary and the list of studies",
}
INTAKE_VERBS = ("init", "check", "import", "export", "forget", "example")
SEASONS = ("autumn", "winter", "spring", "year")


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
        print(visible(f"oko: {error}"), file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        print("\noko: " + gettext("stopped; what was done stays done."), file=sys.stderr)
        return 130
    except OSError as error:
        print(visible(f"oko: {error.filename or type(error).__name__}: {error.strerror or error}"), file=sys.stderr)
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
    for verb in ("yearly", "run", "list", "release", "export"):
        _environment_option(made[verb], "--year", "OKO_YEAR", gettext("school year; the latest by default"))
    for verb in ("yearly", "run"):
        made[verb].add_argument(
            "--jobs", type=_jobs, default=os.environ.get("OKO_JOBS") or None, help=gettext("runs at a time")
        )
    for verb in ("run", "list"):
        made[verb].add_argument("--study", help=gettext("only this study"))
        made[verb].add_argument("--school", help=gettext("only this school"))
        made[verb].add_argument("--subject", help=gettext("only this subject of the schools"))
        made[verb].add_argument("--instrument", help=gettext("only this instrument: the id of an assessment"))
        made[verb].add_argument("--event", type=int, help=gettext("what the event with this number in the plan needs"))
        made[verb].add_argument("--as-of", type=_day, help=gettext("as of this day: 2021-04-23"))
    made["run"].add_argument("--force", action="store_true", help=gettext("make runs that are up to date too"))
    made["run"].add_argument("--dry-run", action="store_true", help=gettext("only say what would be made"))
    made["protocol"].add_argument(
        "action", choices=("lock", "show", "check"), help=gettext("fix the protocol, show it, or say where it stands")
    )
    made["release"].add_argument("--reviewer", help=gettext("name of the second person who signs"))
    made["release"].add_argument("--withdraw", metavar="STUDY", help=gettext("withdraw what was released of a study"))
    made["release"].add_argument("--unit", help=gettext("only this unit of the study that is withdrawn"))
    made["release"].add_argument("--why", help=gettext("why it is withdrawn; the reason is kept"))
    made["present"].add_argument("--share", action="store_true", help=gettext("open to the hall, with a token"))
    made["present"].add_argument("--port", type=int, help=gettext("port; a free one by default"))
    made["new"].add_argument("name", help=gettext("id of the study: small Latin letters, digits, “_”"))
    made["new"].add_argument(
        "--unit", choices=("school", "cluster"), default="school", help=gettext("what it is about")
    )
    made["new"].add_argument("--title", help=gettext("its title"))
    _intake_options(made)
    return parser


def _intake_options(made: Mapping[str, argparse.ArgumentParser]) -> None:
    for verb in ("check", "import"):
        made[verb].add_argument("paths", nargs="*", type=Path, help=gettext("files or folders; raw/ by default"))
        made[verb].add_argument("--school", help=gettext("the school that the files are from"))
        made[verb].add_argument("--year", help=gettext("the school year that the files are about, such as 2020-2021"))
        made[verb].add_argument("--season", choices=SEASONS, help=gettext("when in the year the work was held"))
        made[verb].add_argument("--procedure", help=gettext("the procedure, such as vpr"))
        made[verb].add_argument("--subject", help=gettext("the subject, such as mathematics"))
        made[verb].add_argument("--grade", dest="material_grade", type=int, help=gettext("the grade of the material"))
        made[verb].add_argument(
            "--others",
            choices=("refuse", "leave", "comparison"),
            help=gettext("what becomes of rows of schools that are not registered"),
        )
        made[verb].add_argument(
            "--accept-rows", action="store_true", help=gettext("take files without their faulty rows")
        )
    made["export"].add_argument("--school", help=gettext("the school whose data are sent"))
    made["export"].add_argument(
        "--passports", action="store_true", help=gettext("passports of tasks for other schools instead of results")
    )
    made["export"].add_argument("--rows", action="store_true", help=gettext("rows of pupils instead of aggregates"))
    made["export"].add_argument("--to", type=Path, help=gettext("folder for the package"))
    made["forget"].add_argument("--pupil", help=gettext("pseudonym of a pupil"))
    made["forget"].add_argument("--ask", action="store_true", help=gettext("ask for the pupil’s name at the keyboard"))
    made["forget"].add_argument("--school", help=gettext("a school, or the school of the pupil asked for"))
    made["forget"].add_argument("--year", help=gettext("a school year, such as 2018-2019"))
    made["forget"].add_argument("--season", choices=SEASONS, help=gettext("one season of the year only"))


def _environment_option(parser: argparse.ArgumentParser, name: str, variable: str, text: str) -> None:
    parser.add_argument(name, default=os.environ.get(variable) or None, help=text)


def _day(text: str) -> str:
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise SettingError("{given} is not a day: write it as 2021-04-23.", given=repr(text[:80])) from error


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(
            gettext("a whole number from 1 to 64 is needed, not {text}").format(text=repr(text))
        )
    return int(text)


def _actions() -> dict[str, Callable[[argparse.Namespace], int]]:
    from oko import intake_verbs, protocol_verbs, release_verbs, verbs

    names = {"import": "import_", "check": "check_"}
    rooms = {**dict.fromkeys(VERBS, verbs), **dict.fromkeys(INTAKE_VERBS, intake_verbs), "protocol": protocol_verbs}
    rooms["release"] = release_verbs
    return {verb: getattr(room, names.get(verb, verb)) for verb, room in rooms.items()}


if __name__ == "__main__":
    sys.exit(main())
