"""What make hands to oko, with an oko and a Python that only say what they were given."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OKO = """#!/bin/sh
echo "oko [$OKO_CLUSTER] [$OKO_YEAR] [$OKO_JOBS] [$OKO_LANGUAGE] PYTHONPATH=[$PYTHONPATH]"
for word; do echo "word [$word]"; done
[ "$1" != "$FAKE_FAILS" ]
"""
PYTHON = '#!/bin/sh\necho "python $*"\n'


class Make:
    """Make, in an empty project: what a task writes is not written into the real one."""

    def __init__(self, folder: Path, venv: Path, start: str) -> None:
        self.folder, self.venv, self.start = folder, venv, start

    def __call__(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        dropped = ("CLUSTER", "YEAR", "JOBS", "LANGUAGE", "SHARE", "OKO_", "MAKE", "FAKE")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return subprocess.run(
            ["make", "--no-print-directory", f"VENV={self.venv}", f"PYTHON={self.start}", *words],
            cwd=self.folder, env={**clean, **variables}, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def make(tmp_path: Path) -> Make:
    programs = tmp_path / "окружение с пробелом" / "bin"
    programs.mkdir(parents=True)
    for name, text in (("oko", OKO), ("python", PYTHON)):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "Makefile").symlink_to(ROOT / "Makefile")
    return Make(tmp_path / "project", programs.parent, "true")


@pytest.fixture
def made(make: Make) -> Path:
    """Return the year of the example that `make yearly` has left."""
    folder = make.folder / "data" / "work" / "example"
    for name in ("raw/344/a.xlsx", ".store-1/store.json", "results/run.json", "drafts/page.html", ".made-by"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    (folder / "store").symlink_to(".store-1")
    return folder


def begun_from(make: Make) -> set[str]:
    """Return the files that stand in the tests' work folder when oko begins."""
    assert make("test").returncode == 0
    folder = make.folder / ".cache" / "test-work"
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_values_are_handed_over_and_never_executed(make: Make, tmp_path: Path) -> None:
    bait = tmp_path / "bait"
    for cluster in (f"x; touch {bait}", f"x$(shell touch {bait})", f"`touch {bait}`", f"'\"$(touch {bait})"):
        run = make("yearly", f"CLUSTER={cluster}", "YEAR=2020-2021", "JOBS=2")
        assert f"oko [{cluster}] [2020-2021] [2] []" in run.stdout
        assert run.returncode == 0
    assert not bait.exists()


def test_language_comes_from_the_call_and_not_from_the_desktop(make: Make) -> None:
    assert "oko [] [] [] [] " in make("yearly", LANGUAGE="en_US:en").stdout
    assert "oko [] [] [] [en] " in make("yearly", "LANGUAGE=en", LANGUAGE="ru_RU").stdout


def test_packages_of_another_python_do_not_slip_in(make: Make) -> None:
    assert "PYTHONPATH=[]" in make("yearly", PYTHONPATH="/somewhere").stdout


@pytest.mark.parametrize(("value", "opened"), [("1", True), ("0", False), ("", False), ("no", False)])
def test_boards_are_opened_to_the_hall_only_on_a_clear_yes(make: Make, value: str, opened: bool) -> None:
    assert ("word [--share]" in make("present", f"SHARE={value}").stdout) is opened


def test_reviewer_may_have_any_name(make: Make) -> None:
    assert 'word [О\'Нил "$HOME"; И.]' in make("release", 'REVIEWER=О\'Нил "$HOME"; И.').stdout
    assert "--reviewer" not in make("release").stdout


def test_every_part_of_the_tests_runs_even_if_the_first_fails(make: Make) -> None:
    run = make("test", FAKE_FAILS="yearly")
    assert run.returncode != 0
    assert "oko [example]" in run.stdout
    assert "python -m pytest -p no:cacheprovider tests/unit tests/reference tests/browser\n" in run.stdout
    assert "python -m pytest --ignore=tests/unit --ignore=tests/reference --ignore=tests/browser\n" in run.stdout
    assert "python -m pytest --nbval-lax" in run.stdout
    assert make("test").returncode == 0


def test_tests_begin_from_the_year_that_was_made(make: Make, made: Path) -> None:
    names = (".made-by", "raw/344/a.xlsx", "results/run.json", ".store-1/store.json")
    assert begun_from(make) == {f"example/{name}" for name in names}
    copy = make.folder / ".cache" / "test-work" / "example"
    assert (copy / "store").readlink() == Path(".store-1")
    assert (copy / "store" / "store.json").samefile(copy / ".store-1" / "store.json")
    assert not (copy / "drafts").exists()
    (made / "results" / "run.json").write_text("later", encoding="utf-8")
    begun_from(make)
    assert (copy / "results" / "run.json").read_text(encoding="utf-8") == "results/run.json"


def test_tests_make_the_year_themselves_where_its_files_are_not_as_written(make: Make, made: Path) -> None:
    old = made.stat().st_mtime - 100
    for name in (made / ".made-by", *made.joinpath("raw").rglob("*"), made / "raw"):
        os.utime(name, (old, old))
    (made / "forgotten.json").touch()
    assert begun_from(make) == set()
    (made / "forgotten.json").unlink()
    (made / "raw" / "344" / "a.xlsx").unlink()
    assert begun_from(make) == set()
    os.utime(made / "raw" / "344", (old, old))
    (made / "raw" / "b.xlsx").touch()
    assert begun_from(make) == set()
    (made / ".made-by").unlink()
    assert begun_from(make) == set()
    shutil.rmtree(made)
    assert begun_from(make) == set()


def test_a_copy_that_broke_off_is_not_begun_from(make: Make, made: Path) -> None:
    left = make.folder / ".cache" / "test-work" / ".copy"
    left.mkdir(parents=True)
    (left / "half").touch()
    assert "example/half" not in begun_from(make)
    shutil.rmtree(left.parent)
    (made.parent / "cp").write_text('#!/bin/sh\nmkdir -p "$3"; exit 1\n', encoding="utf-8")
    (made.parent / "cp").chmod(0o755)
    assert make("test", PATH=f"{made.parent}:{os.environ['PATH']}").returncode == 0
    assert list(left.parent.iterdir()) == []


@pytest.mark.parametrize("part", ["tests/unit", "--ignore=tests/unit", "--nbval-lax"])
def test_tests_fail_where_any_part_of_them_fails(make: Make, part: str) -> None:
    python = make.venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "python $*"\ncase "$*" in *" {part} "*) exit 1;; esac\n', encoding="utf-8")
    assert make("test").returncode != 0


def test_london_asks_for_its_extra(make: Make) -> None:
    make.start = "echo"
    assert "--extra london" in make("yearly", "CLUSTER=london").stdout
    assert "--extra" not in make("yearly", "CLUSTER=nevsky").stdout


def test_help_names_every_task_in_both_languages(make: Make) -> None:
    tasks = ["yearly", "test", "test-slow", "lab", "present", "import", "release", "lint", "docs", "bench", "clean"]
    russian, english = make().stdout, make("help", "LANGUAGE=en").stdout
    for task in tasks:
        assert f"  make {task} " in russian
        assert f"  make {task} " in english
    assert "все анализы года" in russian
    assert "all analyses of the year" in english
    assert not any("а" <= letter <= "я" for letter in english.lower())
