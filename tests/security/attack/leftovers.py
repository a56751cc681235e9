"""What is left of hidden numbers beside the tables' visible values: on pages, in the bytes of files, in remarks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

NO_PUPILS = re.compile(
    r"^(df|needed|more|fewest|n_(schools|items|classes|groups|treated|comparison|marked|waves|tests|pairs)|found|.*_df)$"
)
QUOTED = re.compile(r"«[^»]*»|“[^”]*”")


@dataclass
class Page(HTMLParser):
    """A page read as a person reads it: cells of tables and texts of pictures, each under the work that heads it."""

    cells: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.work, self.heads, self.row, self.text, self.inside = "", list[str](), list[str](), list[str](), ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("h2", "h3", "h4", "th", "td"):
            self.inside, self.text = tag, []
        if tag == "table":
            self.heads = []
        if tag == "tr":
            self.row = []
        if tag == "img":
            for part in (values.get("alt") or "").split(";"):
                name, _, said = part.partition(":")
                self.cells.append((self.work, (name.strip(),), said.strip()))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        said = " ".join("".join(self.text).split())
        if tag in ("h2", "h3", "h4") and self.inside == tag:
            self.work = said
        elif tag == "th" and self.inside == "th":
            self.heads.append(said)
        elif tag == "td" and self.inside == "td":
            self.row.append(said)
        elif tag == "tr" and len(self.row) > 1:
            for place, cell in enumerate(self.row[1:], start=1):
                head = self.heads[place] if place < len(self.heads) else ""
                self.cells.append((self.work, (self.row[0], head), cell))
        if tag == self.inside:
            self.inside = ""


def on_page(page: str, hidden: Mapping[str, set[str]]) -> list[str]:
    """Name numbers that stand on a page where the tables hide them.

    Parameters
    ----------
    page : str
        Its source.
    hidden : Mapping
        Title of a work to the names of the schools whose rows are hidden.
    """
    read = Page()
    read.feed(re.sub(r"base64,[^\"]+", "", page))
    found = []
    for work, names, said in read.cells:
        titles = {work, *names} & set(hidden)
        schools = {school for title in titles for school in hidden[title]} & set(names)
        if schools and re.search(r"\d", QUOTED.sub("", said)):
            found.append(f"{work}: {' / '.join(names)}: {said}")
    return found


def in_parquet(path: Path) -> list[str]:
    """Name values that a file of a table holds and no cell shows: dictionaries, statistics, metadata."""
    visible, found = pq.read_table(path), []
    with pq.ParquetFile(path, read_dictionary=visible.schema.names) as file:
        stored = file.read()
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            for place in range(group.num_columns):
                column = group.column(place)
                shown = set(visible.column(column.path_in_schema).to_pylist()) - {None}
                statistics = column.statistics
                if statistics is not None and statistics.has_min_max and not {statistics.min, statistics.max} <= shown:
                    found.append(f"{column.path_in_schema}: statistics {statistics.min} … {statistics.max}")
    for name in visible.schema.names:
        shown = set(visible.column(name).to_pylist())
        for chunk in stored.column(name).chunks:
            if pa.types.is_dictionary(chunk.type) and not set(chunk.dictionary.to_pylist()) <= shown:
                found.append(f"{name}: dictionary {sorted(map(str, set(chunk.dictionary.to_pylist()) - shown))[:3]}")
    told = json.loads((visible.schema.metadata or {}).get(b"pandas", b"{}"))
    if told.get("attributes"):
        found.append(f"attributes {told['attributes']}")
    return [f"{path.name}: {one}" for one in found]


def in_twin(path: Path) -> list[str]:
    """Name cells of a table's CSV that say another thing than the table, hidden ones above all."""
    twin = path.with_suffix(".csv")
    if not twin.is_file():
        return []
    table, said = pq.read_table(path).to_pandas(), pd.read_csv(twin, dtype="str", keep_default_na=False)
    found = [f"{name}: no column of the table" for name in said if name not in table]
    for name in table.columns.intersection(said.columns):
        shown, text = table[name], said[name]
        found += [f"{name}, row {row}: {text[row]}" for row in text.index[shown.isna() & (text != "")]]
        if pd.api.types.is_float_dtype(shown):
            differ = (pd.to_numeric(text, errors="coerce") - shown).abs() > 1e-12 * shown.abs()
            found += [f"{name}, row {row}: {text[row]}" for row in text.index[differ]]
    return [f"{twin.name}: {one}" for one in found]


def in_words(path: Path) -> list[str]:
    """Name words by which a file that travels with a release would tell why something is hidden."""
    if path.suffix not in (".json", ".csv") and path.name != "CHECKS.csv":
        return []
    words = re.findall(
        r"\b(complementary|dominance|extreme|known|why|minimum|maximum)\b", path.read_text(encoding="utf-8")
    )
    return [f"{path.name}: {word}" for word in sorted(set(words))]


def single_out(estimates: pd.DataFrame, changes: pd.DataFrame) -> list[str]:
    """Name estimates without one or two schools: beside the changes of named schools they tell which these are."""
    if estimates.empty or changes.empty:
        return []
    left_out = estimates["n_treated"].max() - estimates["n_treated"]
    return [str(name) for name in estimates.loc[left_out.isin([1, 2]), "method"]]


def in_remarks(statements: pd.DataFrame, threshold: int) -> list[str]:
    """Name numbers of pupils below the threshold in the values of remarks."""
    found = []
    for row in statements.to_dict("records"):
        for key, value in _numbers("", json.loads(row.get("values") or "{}")):
            if not NO_PUPILS.match(key) and float(value).is_integer() and 0 < abs(value) < threshold:
                found.append(f"{row['assessment']} {row['code']}: {key} = {value}")
    return found


def _numbers(key: str, value: object) -> Iterator[tuple[str, float]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _numbers(str(name), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(key, inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield key, float(value)


def out_of_order(table: pd.DataFrame, lists: list[str]) -> list[str]:
    """Name lists in which schools stand in another order than in others: an order by numbers tells of numbers."""
    place: dict[str, set[str]] = {}
    found = []
    for name, rows in table.groupby(lists, sort=False):
        schools = list(rows["school"])
        for number, school in enumerate(schools):
            if place.get(school, set()) & set(schools[number + 1 :]):
                found.append(f"{name}: {school}")
            place.setdefault(school, set()).update(schools[:number])
    return found
