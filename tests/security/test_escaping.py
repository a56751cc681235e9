"""Markup is made at one border: what goes round it is caught in code, notebooks, prose and page templates."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from babel.messages.pofile import read_po
from rich.table import Table
from rich.text import Text

from markup_bans import in_code, in_prose, in_template
from oko.cli import main
from oko.language import visible
from oko.records.intake import files_of
from oko.runs import execute
from oko.runs.plan import plan
from oko.runs.summary import write_summary
from oko.terminal import Terminal
from project import Project

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "oko"
NOTEBOOKS = sorted([*(ROOT / "templates").rglob("*.ipynb"), *(ROOT / "notebooks").rglob("*.ipynb")])
OURS = ("cell.source | markdown2html | strip_files_prefix", "output.data['text/html']")

CAUGHT = {
    'HTML(f"<b>{name}</b>")': "HTML",
    "from IPython.display import HTML as shown\nshown(name)": "import of IPython",
    "from IPython.display import Markdown": "Markdown",
    "IPython.display.Javascript(name)": "Javascript",
    "widgets.HTML(name)": "HTML",
    "widgets.HTML(value=name)": "HTML",
    "from ipywidgets import HTMLMath as Text": "HTMLMath",
    "import ipywidgets": "import of ipywidgets",
    "self.view.widget.value = name": "given a value",
    "Html(name)": "Html of something",
    "Html(markup=name)": "Html of something",
    "Html(*parts)": "Html of something",
    'Html(f"<b>{name}</b>")': "Html of something",
    "show.html.Html(name)": "Html of something",
    "from oko.show.html import Html as Safe\nSafe(name)": "Html of something",
    "made = Html\nmade(name)": "another name",
    "list(map(Html, names))": "handed on",
    "replace(made, markup=name)": "argument markup",
    "class Mine(Html): ...": "a class of",
    "from markupsafe import Markup": "import of markupsafe",
    "Markup(name)": "Markup of something",
    "element(name)": "element of something",
    'element("<b>" + name + "</b>")': "element of something",
    'element(f"<b>{name}</b>")': "markup in an f-string",
    "style_sheet(name)": "style_sheet of something",
    'text = "<b>" + name': "markup outside an element",
    'text = "<b>%s</b>" % name': "markup outside an element",
    'text = "<b>{}</b>".format(name)': "markup outside an element",
    'text = f"<{tag}>{name}</{tag}>"': "markup in an f-string",
    "frame.style.format(escape=None)": ".style",
    "frame.to_html(escape=False)": ".to_html",
    "write(escape=False)": "argument escape",
    "from great_tables import GT, md": "import of great_tables",
    "great_tables.md(name)": "great_tables.md",
    "table.as_raw_html()": ".as_raw_html",
    "Dropdown(description=name, description_allow_html=True)": "argument description_allow_html",
    "choice.description_allow_html = True": ".description_allow_html",
    "from jinja2 import Environment": "import of jinja2",
    'display({"text/html": name}, raw=True)': "argument raw",
    "def _repr_html_(self): return self.name": "definition of _repr_html_",
    "def _repr_markdown_(self): return self.name": "definition of _repr_markdown_",
    'importlib.import_module("IPython")\nimport importlib': "import of importlib",
    '__import__("IPython")': "__import__",
    "get_ipython().run_cell_magic('html', '', name)": "get_ipython",
    "from oko.show.html import great_tables as gt\ngt.html(name)": "through a module of ours",
    "from oko.show.html import Markup": "through a module of ours",
    "show.html.great_tables.html(name)": "great_tables.html",
    "environment(folder).from_string(name)": ".from_string",
    'getattr(widgets, "HTML")(name)': "getattr of",
    'object.__setattr__(made, "markup", name)': "__setattr__ of",
    "%%html\n<b>x</b>": "not Python",
    "from rich.console import Console": "import of rich.console",
    "from rich.markup import render": "import of rich.markup",
    "console.print(name, markup=True)": "argument markup",
}
LET_THROUGH = (
    'element("<b>{name}</b>", name=name)', 'Html("")', "isinstance(made, Html)", "def shown() -> Html: ...",
    'TEMPLATE = "<b>{name}</b>"\nelement(TEMPLATE, name=name)', "paragraph(name)", "choice.value = before",
    "n < 10 > m", 'f"{n} < {m}"', "escape(name)", "print(name)", 'write(escape=True)', "style_sheet('p { }')",
)  # fmt: skip


@pytest.mark.parametrize(("source", "said"), CAUGHT.items(), ids=list(CAUGHT))
def test_each_way_round_the_border_is_caught(source: str, said: str) -> None:
    assert any(said in found for found in in_code(source, "show/any.py")), in_code(source, "show/any.py")
    assert any(said in found for found in in_code(source, "cluster/any.ipynb"))


@pytest.mark.parametrize("source", LET_THROUGH)
def test_the_border_itself_is_let_through(source: str) -> None:
    assert in_code(source, "show/any.py") == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("great_tables.html(_without_braces(text))", "great_tables.html(text)"),
        ("great_tables.html(_without_braces(text))", "great_tables.md(_without_braces(text))"),
        ("Html(escape(between).join(escape(part) for part in parts))", "Html(between.join(parts))"),
        ("Markup(visible(value))", "Markup(value.upper())"),
    ],
)
def test_a_hole_in_the_border_itself_is_caught(before: str, after: str) -> None:
    text = (PACKAGE / "show" / "html.py").read_text(encoding="utf-8")
    assert in_code(text, "show/html.py") == []
    assert in_code(text.replace(before, after), "show/html.py") != []


def test_no_module_goes_round_the_border() -> None:
    places = {path.relative_to(PACKAGE).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    found = {place: in_code(text, place) for place, text in places.items()}
    assert len(found) > 200
    assert {place: said for place, said in found.items() if said} == {}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_notebook_goes_round_the_border(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        assert (in_code(cell.source, path.name) if cell.cell_type == "code" else in_prose(cell.source)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "locale").rglob("*.po")), ids=lambda path: path.name)
def test_translated_prose_has_no_markup(path: Path) -> None:
    with path.open("rb") as source:
        texts = [message.string for message in read_po(source) if message.id]
    assert len(texts) >= 3
    assert [text for text in texts if in_prose(text)] == []


@pytest.mark.parametrize(
    "text", ["<b>x</b>", "$x$", "![](x)", "[x](javascript:y)", "[x](https://y)", "{{ name }}", "<!-- x -->"]
)
def test_prose_with_markup_is_caught(text: str) -> None:
    assert in_prose(text) != []


@pytest.mark.parametrize(
    "text",
    [
        "{{ x | safe }}",
        "{% autoescape false %}{{ x }}{% endautoescape %}",
        "<a href={{ x }}>",
        "<script>{{ x }}</script>",
        "<style>a{}{{ x }}</style>",
    ],
)
def test_a_page_template_that_does_not_escape_is_caught(text: str) -> None:
    assert in_template(text, escaping=True) != []


def test_a_value_without_its_filter_is_caught_where_nothing_escapes_by_itself() -> None:
    assert in_template("{{ x }}", escaping=False) != []
    assert in_template("{{ x | e }}{{ y }}", escaping=False, allowed=("y",)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates" / "report").rglob("*.j2")), ids=lambda path: path.name)
def test_page_templates_escape(path: Path) -> None:
    by_itself = path.parent.name in ("index", "word")
    assert in_template(path.read_text(encoding="utf-8"), escaping=by_itself, allowed=OURS) == []


NAME = "[red]Школа[/red] [link=http://outside.example]x[/link] :smile: \x1b[2J\x1b]0;x\x07 \u202e52 \ud800"


@pytest.mark.parametrize("drawn", [NAME, Table(NAME, title=NAME), Text("a")], ids=["text", "table", "ours"])
def test_the_terminal_shows_a_name_letter_by_letter(drawn: object) -> None:
    said = io.StringIO()
    terminal = Terminal(file=said, force_terminal=True, no_color=True, width=200)
    if isinstance(drawn, Table):
        drawn.add_row(NAME)
    terminal.print(drawn)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said.getvalue())
    assert plain == "a\n" if isinstance(drawn, Text) else visible(NAME) in plain
    assert not re.search("[\x1b\x07\u202e\ud800]", plain)


@pytest.mark.parametrize(
    "words", [["check", "/nowhere/\x1b[2J\u202e.csv"], ["run", "--school", "\x1b[2J"], ["\x1b[2J"]]
)
def test_an_error_gives_no_orders_to_the_terminal(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--cluster", "example"] if len(words) > 1 else words) != 0
    said = capsys.readouterr()
    assert said.err.startswith("oko: ")
    assert not re.search("[\x1b\u202e]", said.err + said.out)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes names of files that are no UTF-8")
def test_a_file_named_on_windows_is_called_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "папка").mkdir()
    for folder in (tmp_path, tmp_path / "папка"):
        Path(os.fsdecode(os.fsencode(folder) + "/Протокол.csv".encode("cp1251"))).touch()
    assert [name for _, name in files_of(tmp_path)] == ["папка/Протокол.csv", "Протокол.csv"]


def test_a_failure_names_no_folder_of_this_machine(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise FileNotFoundError(2, "No such file", f"{project.root}/data/x.csv", None, f"{Path.home()}/y.csv")

    project.study("trial")
    monkeypatch.setattr(execute.papermill, "execute_notebook", fail)
    runs = plan(project.workspace, "2020-2021", school="344")
    outcome = execute.execute(runs[0])
    page, _ = write_summary(project.workspace, "2020-2021", runs, runs)
    for text in (outcome.message, page.read_text(encoding="utf-8")):
        assert "data/x.csv" in text
        assert str(project.root) not in text
        assert str(Path.home()) not in text
