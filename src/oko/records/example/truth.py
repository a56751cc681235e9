"""What is true of the example, written beside the files received, for tests of studies: never read by the intake."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from oko.records.example.answers import latent_gain
from oko.records.example.own_works import pseudonyms_of
from oko.records.example.pupils import People
from oko.records.example.school_files import write_table
from oko.records.example.settings import ExampleSettings
from oko.records.example.sitting import Sat, targets_of
from oko.records.example.waves import SUBJECTS, Wave
from oko.records.example.works import Instrument
from oko.records.pseudonyms import Pseudonyms

FOLDER = "truth"
_LASTING = ["pupil", "school", "cohort", "letter", "sex", "first", "last", *SUBJECTS]


def write_truth(
    folder: Path,
    settings: ExampleSettings,
    people: People,
    works: Mapping[str, tuple[Wave, Instrument]],
    sat: Mapping[tuple[Wave, int], Sat],
    names: Pseudonyms | None,
) -> list[Path]:
    """Write what was planted.

    Parameters
    ----------
    folder : Path
        Where to.
    settings : ExampleSettings
    people : People
    works : Mapping
        Waves and instruments by the assessment's id.
    sat : Mapping
        What was written by wave and place.
    names : Pseudonyms or None

    Returns
    -------
    list of Path
        planted.json (settings, targets, gains), schools.json (levels), abilities.csv (lasting, by pseudonym), days.csv
        (ability on the day by assessment).
    """
    folder.mkdir(parents=True, exist_ok=True)
    pupils = people.pupils.assign(pupil=pseudonyms_of(people.pupils, names))
    schools = dict(zip(pupils["place"], pupils["school"], strict=True))
    levels = {
        school: {
            "level": round(people.levels[place].level, 4),
            "subjects": dict(zip(SUBJECTS, people.levels[place].subjects.round(4).tolist(), strict=True)),
            "progress": people.levels[place].progress.round(4).tolist(),
        }
        for place, school in schools.items()
    }
    days = pd.concat([one.pupils[["ability"]].assign(assessment=wave.assessment) for (wave, _), one in sat.items()])
    days = days.assign(pupil=pupils["pupil"].reindex(days.index))[["assessment", "pupil", "ability"]]
    return [
        _write(folder / "planted.json", _planted(settings, works)),
        _write(folder / "schools.json", levels),
        write_table(folder / "abilities.csv", pupils[_LASTING].round(4)),
        write_table(folder / "days.csv", days.round(4)),
    ]


def _planted(settings: ExampleSettings, works: Mapping[str, tuple[Wave, Instrument]]) -> dict[str, object]:
    targets = {name: targets_of(wave, instrument, settings) for name, (wave, instrument) in works.items()}
    gains = {
        name: round(latent_gain(instrument.reference, instrument.slope, targets[name], settings.effect), 4)
        for name, (wave, instrument) in works.items()
        if targets[name] and wave.start == 2020 and wave.season == "spring"
    }
    return {
        **settings.model_dump(mode="json"),
        "targets": {name: items for name, items in targets.items() if items},
        "latent_gains": gains,
        "slopes": {name: instrument.slope for name, (_, instrument) in works.items()},
    }


def _write(path: Path, content: object) -> Path:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
