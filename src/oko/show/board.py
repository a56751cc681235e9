"""The board for a hall: it reads released results alone, and a viewer can only choose among what they hold."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import ipywidgets as widgets

from oko.disclosure import journal
from oko.disclosure.release import Release, read, read_all
from oko.errors import ReleaseError
from oko.language import current, gettext, used, visible
from oko.show import conference as view
from oko.show.html import Html, element, paragraph, style_sheet
from oko.show.pane import Pane

STUDY = "cluster_year"
State = Literal["good", "damaged", "withdrawn", "replaced", "nothing"]
STYLE = """
.oko-board { max-width: 1240px; margin: 0 auto; }
.oko-view { font: 21px/1.45 "PT Sans", "Golos Text", "DejaVu Sans", "Segoe UI", Arial, sans-serif; color: #0b0c0c; }
.oko-view h1 { font-size: 32px; line-height: 1.2; margin: .3em 0; color: #12436d; }
.oko-view h2 { font-size: 27px; line-height: 1.2; margin: 1em 0 .3em; color: #12436d; }
.oko-view p { margin: .5em 0; max-width: 64em; }
.oko-view .headline { font-size: 24px; font-weight: 600; }
.oko-view .small, .oko-view figcaption { font-size: 20px; color: #505a5f; line-height: 1.35; }
.oko-view .banner { border: 3px solid #f46a25; padding: .15em .6em; font-weight: 700; max-width: none; }
.oko-view figure { margin: .4em 0; }
.oko-view img { display: block; max-width: 100%; height: auto; }
.oko-board .widget-label, .oko-board select { font: 20px/1.3 "PT Sans", "DejaVu Sans", Arial, sans-serif !important;
  color: #0b0c0c; height: auto !important; }
.oko-board .widget-dropdown { height: auto !important; margin: .2em 1.2em .2em 0; }
.oko-board select { padding: .25em 1.5em .25em .4em !important;
  border: 2px solid #12436d !important; background-color: #fff; }
.oko-board select:focus { outline: 3px solid #f46a25; }
.oko-board .widget-inline-hbox .widget-label { width: auto !important; max-width: none; }
@media print {
  .oko-controls { display: none !important; }
  .oko-board, .oko-board .widget-html, .oko-board .widget-html-content { display: block !important;
    overflow: visible !important; }
  .oko-view { font-size: 11pt; } .oko-view h1 { font-size: 18pt; } .oko-view h2 { font-size: 14pt; }
  .oko-view .headline { font-size: 12pt; } .oko-view .small, .oko-view figcaption { font-size: 9.5pt; }
  .oko-view figure { break-inside: avoid; } .oko-view h1, .oko-view h2 { break-after: avoid; }
}
"""


def open_conference(results_folder: Path, language: str | None = None) -> widgets.Widget:
    """Open the board of a cluster's year, or a sentence on what to do where nothing can be shown.

    Parameters
    ----------
    results_folder : Path
        ``results`` of the cluster's work folder.
    language : {"ru", "en"}, optional
        By default that of the environment variable OKO_LANGUAGE, else the language in force.
    """
    code = language or os.environ.get("OKO_LANGUAGE") or current()
    try:
        return conference(read_all(results_folder, STUDY), code)
    except ReleaseError as error:
        there = any(results_folder.glob(f"*/release/{STUDY}/cluster"))
        with used(code):
            return _board([], Pane(_message(_wrong(error) if there else _before(results_folder))).widget)


def _before(results_folder: Path) -> State:
    """Say why no release is there: it was withdrawn, or there never was one."""
    try:
        lines = journal.read(results_folder)
    except ReleaseError:
        return "damaged"
    return (
        "withdrawn" if any((line["action"], line.get("study")) == ("withdrawn", STUDY) for line in lines) else "nothing"
    )


def _wrong(error: ReleaseError) -> State:
    """Name what an error of reading a release says: bytes that are not those signed, or no release any more."""
    return "damaged" if {"file", "line"} & set(error.values) else "withdrawn"


def _state(opened: Release) -> State:
    """Say what has become of a release since it was opened."""
    try:
        now = read(opened.folder)
    except ReleaseError as error:
        return _wrong(error)
    except OSError:
        return "damaged"
    return "good" if now.digest == opened.digest else "replaced"


def _message(state: State) -> Html:
    texts = {
        "damaged": gettext(
            "The release is damaged: its files are not those that were signed. Run “make yearly” again."
        ),
        "withdrawn": gettext("This release was withdrawn and is not shown any more."),
        "replaced": gettext(
            "The year was released anew while the board was open: what stood here is not shown any more. Open the "
            "board again."
        ),
        "nothing": gettext("Nothing is released yet, so there is nothing to show. Run “make yearly”."),
    }
    return element('<article class="oko-view">{text}</article>', text=paragraph(texts[state], "headline"))


def conference(releases: Mapping[str, Release], language: str = "ru") -> widgets.Widget:
    """Make the board of released years.

    Parameters
    ----------
    releases : Mapping of str to Release
        Releases of the study ``cluster_year`` by school year, oldest first.
    language : {"ru", "en"}

    Returns
    -------
    ipywidgets.Widget
        Choices of year, subject, work and school, and the view of what was chosen.

    Raises
    ------
    ReleaseError
        A release lacks a table.
    """
    with used(language):
        return _Conference(releases, language).board


class _Conference:
    """The choices and the view, tied together; every choice holds only what the release has.

    At every choice the release is read anew, byte by byte: one that was withdrawn, replaced or damaged since the board
    was opened is shown no more, and its names leave the choices.
    """

    def __init__(self, releases: Mapping[str, Release], language: str) -> None:
        self.releases, self.language, self.filling = releases, language, False
        self.year = _dropdown(gettext("School year:"), {year: year for year in reversed(list(releases))})
        self.subject = _dropdown(gettext("Subject:"))
        self.work = _dropdown(gettext("Work:"))
        self.school = _dropdown(gettext("School:"))
        self.unnamed, self.view = Pane(), Pane()
        self._answer(self._fill_subjects)
        for choice, answer in (
            (self.year, self._fill_subjects),
            (self.subject, self._fill_works),
            (self.work, self._show),
            (self.school, self._show),
        ):
            choice.observe(self._answering(answer), names="value")
        choices = [self.year, self.subject, self.work, self.school, self.unnamed.widget]
        self.board = _board(choices, self.view.widget)

    @property
    def release(self) -> Release:
        return self.releases[self.year.value]

    def _answering(self, answer: Callable[[], None]) -> Callable[[Any], None]:
        def answered(_: Any) -> None:
            if self.filling:
                return
            self.filling = True
            with used(self.language):
                try:
                    self._answer(answer)
                except (ReleaseError, OSError):  # it went between the check and the reading
                    self._stop("damaged")
                finally:
                    self.filling = False

        return answered

    def _answer(self, answer: Callable[[], None]) -> None:
        state = _state(self.release)
        if state != "good":
            self._stop(state)
        elif self.subject.options:
            answer()
        else:
            self._fill_subjects()

    def _stop(self, state: State) -> None:
        """Take everything of a release off the board but its year."""
        for choice in (self.subject, self.work, self.school):
            _fill(choice, {})
            choice.layout.display = "none"
        self.unnamed.show(Html(""))
        self.view.show(_message(state))

    def _fill_subjects(self) -> None:
        named = view.schools(self.release)
        _fill(self.school, {"": gettext("whole cluster"), **named})
        self.subject.layout.display = self.work.layout.display = None
        self.school.layout.display = None if named else "none"
        why = gettext("Schools are not named: the cluster’s agreement does not allow it.")
        self.unnamed.show(Html("") if named else element('<div class="oko-view">{why}</div>', why=paragraph(why)))
        _fill(self.subject, view.subjects(self.release))
        self._fill_works()

    def _fill_works(self) -> None:
        _fill(self.work, view.works(self.release, self.subject.value))
        self._show()

    def _show(self) -> None:
        if self.work.value is None:
            return
        choice = view.Choice(self.work.value, self.school.value or "")
        self.view.show(view.view(self.release, choice))


def _dropdown(label: str, options: Mapping[str, str] | None = None) -> widgets.Dropdown:
    return widgets.Dropdown(description=label, options=_named(options or {}), layout=widgets.Layout(width="auto"))


def _named(options: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((visible(text), code) for code, text in options.items())


def _fill(choice: widgets.Dropdown, options: Mapping[str, str]) -> None:
    """Give a dropdown new options, and keep what was chosen where it is still there."""
    before = choice.value
    named = _named(options)
    if named == tuple(choice.options):
        return
    choice.options = named
    choice.value = before if before in options else next(iter(options), None)


def _board(choices: list[widgets.Widget], shown: widgets.Widget) -> widgets.Widget:
    controls = widgets.HBox(choices, layout=widgets.Layout(flex_flow="row wrap", align_items="center"))
    controls.add_class("oko-controls")
    board = widgets.VBox([Pane(style_sheet(STYLE)).widget, controls, shown])
    board.add_class("oko-board")
    return board
