"""T5: no id that somebody wrote becomes a place outside its folder, by whatever door it comes in."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd
import pytest

import oko
from oko import language
from oko.cli import main
from oko.errors import DataError, RunError, SettingError
from oko.records import intake
from oko.records.cluster import read_cluster
from oko.records.keys import make_key
from oko.records.protocol import read_protocol
from oko.records.readers.context import told_beside
from oko.records.schema import Tables, conform, empty
from oko.runs import packages, receive, unpacking
from oko.runs.page import RUN_FOLDER, Page
from oko.runs.plan import plan
from oko.runs.registry import read_registry
from oko.show.figures import Picture
from oko.workspace import open as open_workspace
from project import COUNT, Project
from protocol_text import TEXT
from received_files import CANARY, CODE, FILES, make_root, write
from workbooks import package, part_of

HOSTILE = {
    "up": "../x", "up in Windows": "..\\x", "root": "/abs", "drive": "C:x", "percent": "%2e%2e", "zero byte": "a\x00b",
    "field": "{0.__class__}", "right to left": "\u202e344", "full-width slash": "a\uff0fb", "long": "a" * 300, "dot": "344.",
    "blank": "344 ", "line break": "344\n", "blank before": " 344", "full-width digits": "３４４", "two dots": "..",
    "one dot": ".", "nothing": "", "slash inside": "a/../../b", "home": "~", "variable": "$HOME", "star": "*", "quote": "3'4",
}  # fmt: skip
DEVICES = ("con", "nul", "aux", "prn", "com1", "lpt9")


def quoted(text: str) -> str:
    """Write a text as TOML does."""
    return json.dumps(text)


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of all that is tested here; what lies in it beside the projects' own folders must not change."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "beside").mkdir()
    (folder / "beside" / "x").write_text("secret", encoding="utf-8")
    yield folder
    assert (folder / "beside" / "x").read_text(encoding="utf-8") == "secret"
    assert tree(folder / "beside") <= {"x", "own.csv"}
    assert {path.name for path in folder.iterdir()} <= {"beside", "root", "work", "keys", "inbox", "run", "project"}


def two_schools() -> Tables:
    """Twelve pupils a school who took one work: what a project cannot do without."""
    work = {
        "assessment": "vpr-mathematics-7",
        "procedure": "vpr",
        "subject": "mathematics",
        "year": "2020-2021",
        "season": "spring",
    }
    pupils = [{"school": code, "pupil": f"{code}-{n}", "status": "took"} for code in ("344", "498") for n in range(12)]
    frames = {
        "schools": pd.DataFrame({"school": ["344", "498"], "role": "cluster"}),
        "assessments": pd.DataFrame([work]),
        "results": pd.DataFrame(pupils).assign(**work),
    }
    checked = {name: conform(frame.assign(example=True), name) for name, frame in frames.items()}
    return Tables(**checked, items=empty("items"))


@pytest.fixture(scope="module")
def made(home: Path) -> Project:
    """A project with two studies; a settings file that a test changes is put back."""
    project = Project(home / "project", two_schools())
    project.study("good", COUNT)
    project.study("drawn", COUNT)
    registry = project.root / "templates" / "studies.toml"
    drawn = '[[studies.drawn.figures]]\nname = "bars"\nsensitivity = "internal"\n'
    registry.write_text(registry.read_text(encoding="utf-8") + drawn, encoding="utf-8")
    return project


@pytest.fixture
def small(made: Project, home: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(made.root)
    monkeypatch.setenv("OKO_KEYS", str(home / "keys"))
    for name in ("OKO_CLUSTER", "OKO_YEAR", "OKO_WORK"):
        monkeypatch.delenv(name, raising=False)
    return made


# ---- settings: each case is a file, a place in it, what the hostile text is put in there, and who reads it

CLUSTER_TOML, STUDIES, PROTOCOL = (
    "data/clusters/tiny/cluster.toml",
    "templates/studies.toml",
    "data/clusters/tiny/protocol.toml",
)


def clusters(project: Project) -> object:
    return read_cluster(project.root, "tiny")


def studies(project: Project) -> object:
    return read_registry(project.root)


def protocols(project: Project) -> object:
    return read_protocol(project.root, read_cluster(project.root, "tiny"))


SETTINGS: dict[str, tuple[str, str, str, Callable[[Project], object]]] = {
    "school": (CLUSTER_TOML, 'code = "498"', "code = {}", clusters),
    "cluster": (CLUSTER_TOML, 'code = "tiny"', "code = {}", clusters),
    "year": (CLUSTER_TOML, '"2020-2021"]', "{}]", clusters),
    "source": (CLUSTER_TOML, 'source = "example"', "source = {}", clusters),
    "study": (STUDIES, "studies.good", "studies.{}", studies),
    "template": (STUDIES, 'template = "school/good.ipynb"', "template = {}", studies),
    "folder of a template": (STUDIES, '"school/good.ipynb"', '"school/" + {}', studies),
    "unit": (STUDIES, 'unit = "school"', "unit = {}", studies),
    "table": (STUDIES, 'name = "counts"', "name = {}", studies),
    "column": (STUDIES, '"n"', "{}", studies),
    "figure": (STUDIES, 'name = "bars"', "name = {}", studies),
    "procedure of the protocol": (PROTOCOL, 'procedure = "vpr"', "procedure = {}", protocols),
    "subject of the protocol": (PROTOCOL, 'subject = "mathematics"', "subject = {}", protocols),
    "school of the protocol": (PROTOCOL, '["344", "498"]', '["344", {}]', protocols),
    "season of the protocol": (PROTOCOL, 'season = "autumn"', "season = {}", protocols),
    "year of the protocol": (PROTOCOL, 'year = "2020-2021"', "year = {}", protocols),
}
OF_FOLDERS = {"school", "cluster", "study", "table", "figure"}


@pytest.mark.parametrize("case", SETTINGS)
def test_a_hostile_text_in_a_settings_file_is_refused(small: Project, case: str) -> None:
    name, before, after, read = SETTINGS[case]
    path = small.root / name
    text = TEXT if name == PROTOCOL else path.read_text(encoding="utf-8")
    assert before in text
    taken, unsaid = list[str](), list[str]()
    try:
        for given in (*HOSTILE.values(), *(DEVICES if case in OF_FOLDERS else ())):
            path.write_text(text.replace(before, after.replace("{}", quoted(given))), encoding="utf-8")
            try:
                read(small)
            except SettingError as error:
                unsaid += [given] * (Path(name).name not in str(error))
            else:
                taken.append(given)
    finally:
        path.unlink() if name == PROTOCOL else path.write_text(text, encoding="utf-8")
    assert taken == []
    assert unsaid == [] or case == "school of the protocol"


# ---- words of a call


CALLS = {
    "cluster": ["list", "--cluster={}"],
    "cluster of a run": ["run", "--dry-run", "--cluster={}"],
    "cluster of an import": ["check", "--cluster={}"],
    "cluster of a release": ["release", "--cluster={}"],
    "new cluster": ["init", "--cluster={}"],
    "year": ["run", "--cluster=tiny", "--year={}"],
    "year of a release": ["release", "--cluster=tiny", "--year={}"],
    "study": ["run", "--cluster=tiny", "--study={}"],
    "study withdrawn": ["release", "--cluster=tiny", "--withdraw={}", "--why=Ошибка в данных"],
    "unit withdrawn": ["release", "--cluster=tiny", "--withdraw=good", "--unit={}", "--why=Ошибка в данных"],
    "school": ["run", "--cluster=tiny", "--school={}"],
    "school listed": ["list", "--cluster=tiny", "--school={}"],
    "school exported": ["export", "--cluster=tiny", "--school={}"],
    "year exported": ["export", "--cluster=tiny", "--school=344", "--year={}"],
    "school forgotten": ["forget", "--cluster=tiny", "--school={}"],
    "year forgotten": ["forget", "--cluster=tiny", "--year={}"],
    "pupil forgotten": ["forget", "--cluster=tiny", "--pupil={}"],
    "school told": ["import", "--cluster=tiny", "--school={}", "."],
    "year told": ["import", "--cluster=tiny", "--year={}", "."],
    "procedure told": ["import", "--cluster=tiny", "--procedure={}", "."],
    "subject told": ["check", "--cluster=tiny", "--subject={}", "."],
    "grade told": ["check", "--cluster=tiny", "--grade={}", "."],
    "season told": ["check", "--cluster=tiny", "--season={}", "."],
    "language": ["list", "--cluster=tiny", "--language={}"],
    "jobs": ["run", "--cluster=tiny", "--jobs={}"],
    "port": ["present", "--cluster=tiny", "--port={}"],
}
MEANT = {"nothing"}  # an empty word of a call is no word: what stands by default is taken
TELLING = ("up", "root", "zero byte", "field", "full-width slash", "long", "line break", "two dots")
REST = [name for name in HOSTILE if name not in (*TELLING, *MEANT)]


@pytest.mark.parametrize("names", [TELLING, pytest.param(REST, marks=pytest.mark.slow)], ids=["telling", "rest"])
@pytest.mark.parametrize("call", CALLS)
def test_a_word_of_a_call_is_refused_and_nothing_is_written(
    small: Project, home: Path, call: str, names: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = tree(home)
    answered = {}
    for name in names:
        answered[name] = main([word.replace("{}", HOSTILE[name]) for word in CALLS[call]])
    said = capsys.readouterr()
    assert set(answered.values()) <= {1, 2}, answered
    assert "Traceback" not in said.err
    held = (".import", ".lock", "/results")  # who works alone in a folder makes it
    assert {path for path in tree(home) - before if not path.endswith(held)} == set()


# ---- what a notebook keeps


@pytest.fixture
def page(small: Project, home: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv(RUN_FOLDER, str(home / "run"))
    return oko.runs.begin("drawn", cluster="tiny", year="2020-2021", school="344", language="ru")


def picture() -> Picture:
    return Picture(b"\x89PNG", "", "", 1)


def test_what_is_kept_has_a_plain_name_in_the_folder_of_the_run(page: Page, home: Path) -> None:
    frame = pd.DataFrame({"school": ["344"], "n": [12]})
    page.keep("counts", frame)
    page.keep_figure("bars", picture())
    page.keep_figure("bars", picture(), part="vpr-mathematics-7")
    for given in (*HOSTILE.values(), "Bars", "counts.x", "bars.ru"):
        with pytest.raises(RunError):
            page.keep(given, frame)
        with pytest.raises(RunError):
            page.keep_figure(given, picture())
        if given:
            with pytest.raises(RunError):
                page.keep_figure("bars", picture(), part=given)
    files = {name for name in tree(home / "run") if "." in name}
    assert files == {"tables/counts.parquet", "figures/bars.ru.png", "figures/bars.vpr-mathematics-7.ru.png"}


def test_a_notebook_s_own_parameter_is_refused(small: Project) -> None:
    right = {"cluster": "tiny", "year": "2020-2021", "school": "344", "language": "ru"}
    for name in right:
        for given in HOSTILE.values():
            with pytest.raises(SettingError):
                oko.runs.begin("good", **{**right, name: given})


def test_a_unit_s_folder_lies_under_the_year_s(small: Project) -> None:
    for run in plan(small.workspace, "2020-2021"):
        assert run.folder.resolve().is_relative_to((small.workspace.results_folder / "2020-2021" / "runs").resolve())
    for given in HOSTILE.values():
        for values in ({"school": given}, {"study": given}):
            with pytest.raises(SettingError):
                plan(small.workspace, "2020-2021", **values)
        with pytest.raises(SettingError):
            plan(small.workspace, given)


# ---- files received


@pytest.fixture(scope="module")
def trial(home: Path) -> Path:
    """A project whose cluster receives files and has a key."""
    made = make_root(home / "root")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OKO_KEYS", str(home / "keys"))
        make_key(made, CODE)
    return made


@pytest.fixture
def root(trial: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OKO_KEYS", str(home / "keys"))
    monkeypatch.setenv("OKO_WORK", str(home / "work"))
    return trial


@pytest.fixture
def inbox(home: Path) -> Iterator[Path]:
    (home / "inbox").mkdir()
    yield home / "inbox"
    shutil.rmtree(home / "inbox")


ROW = {"assessment": "a7", "pupil": "p1", "school": "1", "status": "took", "class": "7А", "primary_score": "1"}


OF_CELLS = {
    name: text
    for name, text in HOSTILE.items()
    if name not in {"zero byte", "line break", "blank", "blank before", "nothing"}
}


def test_an_id_in_a_file_received_is_refused(root: Path, inbox: Path) -> None:
    """Blanks around are taken off; everything else that is hostile is a fault, and none of it is taken."""
    for column in ("assessment", "pupil", "school"):
        rows = [{**ROW, "pupil": f"p{n}", column: given} for n, given in enumerate(OF_CELLS.values())]
        pd.DataFrame([*rows, {**ROW, "pupil": "right"}]).to_csv(inbox / "results.csv", index=False)
        read = intake.check(read_cluster(root, CODE), root, [inbox / "results.csv"])
        assert {fault.row for fault in read.faults} >= set(range(2, len(rows) + 2)), column
        assert set(read.received.results["pupil"]) <= {"right"}, column


def test_an_instrument_in_a_passport_received_is_refused(root: Path, inbox: Path) -> None:
    path = FILES["register-passport"][1](inbox / "right.xlsx", CANARY)
    right = intake.check(read_cluster(root, CODE), root, [path])
    for place, given in enumerate(("../x", "..\\x", "%2e%2e", "{0.__class__}", "a/../../b", "..", "a" * 300)):
        text = part_of(path.read_bytes(), "xl/sharedStrings.xml")
        assert b"graphs-7-2020" in text
        wrong = package(path.read_bytes(), {"xl/sharedStrings.xml": text.replace(b"graphs-7-2020", given.encode())})
        (inbox / f"wrong{place}.xlsx").write_bytes(wrong)
    read = intake.check(read_cluster(root, CODE), root, [inbox])
    assert "right.xlsx" not in {finding.file for finding in right.faults}
    assert {finding.file for finding in read.faults} >= {f"wrong{place}.xlsx" for place in range(7)}


OWN = {"example": True}
WORK = {"assessment": "a", "procedure": "vpr", "subject": "physics", "year": "2020-2021", "season": "spring", **OWN}
ROWS: dict[str, tuple[str, dict[str, object]]] = {
    "school": ("schools", {"school": "1", "role": "cluster", **OWN}),
    "assessment": ("assessments", WORK),
    "prior": ("assessments", {**WORK, "prior": "b"}),
    "item": ("items", {"assessment": "a", "item": "1", "position": 1, "max_score": 1.0, **OWN}),
}  # fmt: skip
OF_STORE = (
    "up",
    "up in Windows",
    "zero byte",
    "right to left",
    "full-width slash",
    "line break",
    "blank",
    "two dots",
    "nothing",
    "long",
)


@pytest.mark.parametrize("column", ROWS)
def test_no_hostile_id_is_stored_whoever_brings_it(column: str) -> None:
    table, right = ROWS[column]
    assert len(conform(pd.DataFrame([right]), table)) == 1
    for name in OF_STORE:
        with pytest.raises(DataError):
            conform(pd.DataFrame([{**right, column: HOSTILE[name]}]), table)


def test_what_is_told_beside_a_file_is_refused(root: Path, home: Path, inbox: Path) -> None:
    path = write(inbox, ("tidy",))["tidy"]
    for key in ("school", "procedure", "subject", "year", "season"):
        for given in HOSTILE.values():
            (inbox / "received.toml").write_text(f"{key} = {quoted(given)}\n", encoding="utf-8")
            with pytest.raises(SettingError, match=r"received\.toml"):
                told_beside(path, path.name)
    for key in ("school", "mapping"):
        (inbox / "received.toml").write_text(f'{key} = "../../x"\n', encoding="utf-8")
        with pytest.raises(DataError):
            receive.receive(open_workspace(root, CODE), [inbox])
    assert tree(home / "work") <= {CODE, f"{CODE}/.import", f"{CODE}/.import/.lock"}


def test_a_link_that_leads_out_is_not_followed(root: Path, home: Path, inbox: Path) -> None:
    """A folder that a school sent may hold links: what they lead to was not sent, and is this machine's own."""
    own = FILES["tidy"][1](home / "beside" / "own.csv", CANARY)
    (inbox / "sent").mkdir()
    FILES["tidy"][1](inbox / "sent" / "good.csv", CANARY)
    links = {
        "a.csv": own,
        "b.csv": home / "keys" / f"{CODE}.key",
        "c.csv": Path("/etc/passwd"),
        "d.csv": home / "nowhere",
    }
    for name, target in links.items():
        (inbox / "sent" / name).symlink_to(target)
    (inbox / "sent" / "folder").symlink_to(home / "beside", target_is_directory=True)
    (inbox / "sent" / "inside.csv").symlink_to(inbox / "sent" / "good.csv")
    with language.used("en"):
        read = intake.check(read_cluster(root, CODE), root, [inbox])
        refused = {finding.file: str(finding) for finding in read.faults if finding.check == "opened"}
    assert {name for name, text in refused.items() if "link" in text} == {"sent/a.csv", "sent/b.csv", "sent/c.csv"}
    secret = (home / "keys" / f"{CODE}.key").read_text(encoding="utf-8").split()[-1]
    assert secret not in "\n".join(map(str, read.findings))
    assert {state.name for state in read.files} == {
        "sent/a.csv",
        "sent/b.csv",
        "sent/c.csv",
        "sent/good.csv",
        "sent/inside.csv",
    }


# ---- packages


GROUPS = b"assessment,school\n"


def descriptor(**changes: object) -> dict[str, object]:
    resource = {"path": "data/groups.csv", "hash": packages.checksum(GROUPS)}
    return {
        "oko_format": packages.FORMAT, "cluster": CODE, "school": "1", "content": "aggregates", "resources": [resource],
        "documents": {}, "years": [], "created": "", "agreement": {}, **changes,
    }  # fmt: skip


def refused(root: Path, inbox: Path, text: bytes, parts: dict[str, bytes]) -> bool:
    path = inbox / "package.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {packages.DESCRIPTOR: text, **parts}.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    assert unpacking.is_package(path)
    try:
        with unpacking.unpacked([path], open_workspace(root, CODE)) as there:
            assert {p.name for p in there[0].rglob("*") if p.is_file()} <= {"groups.csv"}
            return False
    except DataError:
        return True


def test_a_plain_package_is_taken(root: Path, inbox: Path) -> None:
    assert not refused(root, inbox, json.dumps(descriptor()).encode(), {"data/groups.csv": GROUPS})


MEMBERS = ["../x.csv", "data/../../x.csv", "/abs.csv", "data\\..\\x.csv", "C:x.csv", "data/\u202ex.csv", "data/a\uff0fb.csv",
           "data/.csv", "data/x.csv\n", "x.csv", "data/sub/x.csv", "data/{0.__class__}.csv", "data/%2e%2e.csv",
           "data/x.csv ", "data/x.py", f"data/{'a' * 300}.csv"]  # fmt: skip


@pytest.mark.parametrize("member", MEMBERS)
def test_a_part_of_a_package_goes_nowhere_else(root: Path, inbox: Path, member: str) -> None:
    for told in (member, "data/groups.csv"):
        text = json.dumps(descriptor(resources=[{"path": told, "hash": packages.checksum(GROUPS)}])).encode()
        assert refused(root, inbox, text, {member: GROUPS})


def test_what_a_package_says_of_itself_names_no_folder(root: Path, inbox: Path) -> None:
    for key in ("school", "content", "cluster"):
        for given in HOSTILE.values():
            text = json.dumps(descriptor(**{key: given})).encode()
            assert refused(root, inbox, text, {"data/groups.csv": GROUPS}), (key, given)


TEXTS = [
    b"[" * 100_000, b'{"a":' * 50_000, b"{}", b"[]", b"null", b"1e999", b"\xff", b'{"resources": 1}',
    *(
        json.dumps(descriptor(**changes)).encode()
        for changes in (
            {"documents": []}, {"resources": [1]}, {"resources": [{"path": ["x"], "hash": {}}]}, {"resources": {"path": "x"}},
            {"school": ["1"]}, {"content": ["aggregates"]}, {"oko_format": []}, {"cluster": {}},
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", range(len(TEXTS)))
def test_a_descriptor_that_is_made_to_harm_is_refused(root: Path, inbox: Path, case: int) -> None:
    assert refused(root, inbox, TEXTS[case], {"data/groups.csv": GROUPS})


def test_an_export_lies_in_the_folder_named_under_a_plain_name(
    small: Project, inbox: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (inbox, inbox / "{0.__class__}", inbox / "a\uff0fb %2e%2e"):
        assert main(["export", "--cluster=tiny", "--school=344", "--to", str(folder)]) == 0
        assert [path.name for path in folder.glob("*.zip")] == ["oko-tiny-344-aggregates.zip"]
        with zipfile.ZipFile(next(folder.glob("*.zip"))) as archive:
            names = archive.namelist()
        assert all(not name.startswith("/") and ".." not in name and "\\" not in name for name in names)
    file = inbox / "file"
    file.write_text("mine", encoding="utf-8")
    for wrong in (str(file), str(file / "x"), f"{inbox}/{'a' * 300}"):
        assert main(["export", "--cluster=tiny", "--school=344", "--to", wrong]) in (1, 2)
    assert file.read_text(encoding="utf-8") == "mine"
    assert "Traceback" not in capsys.readouterr().err
