"""What make hands to oko, with an oko and a Python that only say what they were given."""

from __future__ import annotations

import os
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
    def __init__(self, venv: Path, start: str) -> None:
        self.venv, self.start = venv, start

    def __call__(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        dropped = ("CLUSTER", "YEAR", "JOBS", "LANGUAGE", "SHARE", "OKO_", "MAKE", "FAKE")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        return subprocess.run(
            ["make", "--no-print-directory", f"VENV={self.venv}", f"PYTHON={self.start}", *words],
            cwd=ROOT, env={**clean, **variables}, capture_output=True, text=True, check=False,
        )  # fmt: skip


@pytest.fixture
def make(tmp_path: Path) -> Make:
    programs = tmp_path / "окружение с пробелом" / "bin"
    programs.mkdir(parents=True)
    for name, text in (("oko", OKO), ("python", PYTHON)):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    return Make(programs.parent, "true")


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
    assert "python -m pytest -p no:cacheprovider tests/unit tests/reference\n" in run.stdout
    assert "python -m pytest --ignore=tests/unit --ignore=tests/reference\n" in run.stdout
    assert "python -m pytest --nbval-lax" in run.stdout
    assert make("test").returncode == 0


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
