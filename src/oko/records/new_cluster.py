"""A new cluster: the skeleton of its settings, its key, and a place for the files that it receives."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

from oko.records.cluster import Cluster, read_cluster
from oko.records.keys import check_code, key_path, make_key, make_published_key, published_path
from oko.records.readers.context import TOLD, school_year

YEARS = 3

_SETTINGS = """\
# The settings of a cluster: correct what stands here, then put files into its folder of files received.
# Codes have small Latin letters, digits, - and _. The folder of this file is called by the cluster's code.
code = {code}
# raw: the files that schools send.
source = "raw"
# Language of pages: ru or en.
language = "ru"
# School years, from the first to the latest.
years = {years}
# Least number of pupils in anything that is shown between schools or outside them: 10, by written agreement down to 5.
threshold = 10
# Where files received, the store and results lie, if not in data/work/{bare} of the project:
# work = "/srv/oko/{bare}"

[name]
ru = {ru}
en = {en}

# What the schools have agreed to show one another. Until an agreement is signed nobody is named.
[agreement]
names_schools = false
names_comparison = false

# One section a school. The two here are invented: put your own in their place, the leading one with lead = true.
# kind: school, lyceum or gymnasium. logins: digits of the school's login in ФИС ОКО (sch780001 and edu780001 are one).
[[schools]]
code = "1001"
kind = "lyceum"
lead = true
name = {{ ru = "Лицей № 1001 (придуман)", en = "Lyceum 1001 (invented)" }}
logins = []

[[schools]]
code = "1002"
kind = "school"
name = {{ ru = "Школа № 1002 (придумана)", en = "School 1002 (invented)" }}
logins = []
"""

_TOLD = """\
# What the files in this folder and below it do not say themselves. The nearest file received.toml wins.
# Take the sign # away from the lines that you need.

# Code of the school, as in cluster.toml (keep the files of each school in a folder of their own, with this line):
# school = "1001"

# The work, where the form of the school does not name it:
# procedure = "vpr"          # vpr, oge, ege, rdr
# subject = "mathematics"    # mathematics, physics, chemistry, biology, geography, informatics, science
# material_grade = 6         # grade whose material was tested
# pupil_grade = 7            # grade that the pupils were in
# year = "2020-2021"         # school year
# season = "autumn"          # autumn, winter, spring, year

# Rows of schools that are not the cluster's: refuse, leave, or comparison (schools to compare with):
# others = "refuse"

# Take files with faulty rows without these rows (true), or refuse such files (false):
# accept_rows = false
"""


def make_cluster(
    root: Path, code: str, *, title_ru: str = "", title_en: str = "", today: datetime.date | None = None
) -> list[Path]:
    """Make what a cluster lacks of its settings, its key and its folder of files received.

    Parameters
    ----------
    root : Path
        The project's folder.
    code : str
        Code of the cluster; an unknown one gets a skeleton of settings with two invented schools.
    title_ru, title_en : str
        Name of a new cluster in both languages; by default the code stands in it.
    today : date, optional
        A new cluster gets the school year of this day and the two before it.

    Returns
    -------
    list of Path
        What was made, nothing of which was there before; empty when nothing was lacking.

    Raises
    ------
    SettingError
        The code is not allowed, settings that are there are wrong, or a file cannot be written.
    """
    made = []
    settings = root / "data" / "clusters" / check_code(code) / "cluster.toml"
    if not settings.exists():
        names = title_ru or f"Кластер {code}", title_en or f"Cluster {code}"
        made.append(_write_new(settings, _settings(code, names, today or datetime.date.today())))
    cluster = read_cluster(root, code)
    if cluster.example and not published_path(root, code).exists():
        made.append(make_published_key(root, code))
    elif not cluster.example and not cluster.public and not key_path(code).exists():
        made.append(make_key(root, code))
    told = _work(root, cluster) / "raw" / TOLD
    if cluster.source == "raw" and not told.exists():
        made.append(_write_new(told, _TOLD))
    return made


def _settings(code: str, names: tuple[str, str], today: datetime.date) -> str:
    latest = int(school_year(today.year, today.month)[:4])
    years = [f"{year}-{year + 1}" for year in range(latest - YEARS + 1, latest + 1)]
    ru, en = (_quoted(name) for name in names)
    return _SETTINGS.format(code=_quoted(code), bare=code, years=json.dumps(years), ru=ru, en=en)


def _quoted(text: str) -> str:
    """Write a text as TOML does: JSON's escapes are a part of those that TOML has."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False).replace("\x7f", "\\u007f")


def _work(root: Path, cluster: Cluster) -> Path:
    everywhere = os.environ.get("OKO_WORK")
    if everywhere:
        return Path(everywhere).resolve() / cluster.code
    return (root / (cluster.work or f"data/work/{cluster.code}")).resolve()


def _write_new(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as target:
        target.write(text)
    return path
