"""What lies beside the page: drawings as SVG and PNG, tables and figure data as CSV."""

import base64
import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

from bs4 import BeautifulSoup
from bs4.element import Tag

from analysis.evidence.runs import ReportError

PIXELS = re.compile(r' data-png="[^"]*"')
CONTENTS = "tables/contents.csv"
Files = dict[str, bytes]


def without_pixels(body: str) -> str:
    """A topic's HTML as the page shows it, without the PNGs that it carries."""
    return PIXELS.sub("", body)


def files(bodies: Mapping[str, str]) -> Files:
    """The files of all topics' HTML by their path beside the page.

    Raises ReportError where two have one name and not one content.
    """
    found: Files = {}
    listed = [["file", "topic", "caption"]]
    for topic, body in bodies.items():
        soup = BeautifulSoup(body, "html.parser")
        for name, content in [*_drawings(soup), *_data(soup)]:
            _add(found, name, content)
        for number, table in enumerate(_tables(soup), start=1):
            name = f"tables/{topic}-table-{number}.csv"
            _add(found, name, _csv(_rows(table)))
            listed.append([PurePath(name).name, topic, _text(table.caption)])
    if len(listed) > 1:
        _add(found, CONTENTS, _csv(listed))
    return found


def _add(found: Files, name: str, content: bytes) -> None:
    if found.setdefault(name, content) != content:
        raise ReportError(f"two figures or tables are called {name}: rename one")


def _drawings(soup: BeautifulSoup) -> Iterable[tuple[str, bytes]]:
    for image in soup.select("img[data-name]"):
        name = image["data-name"]
        yield _path("figures", f"{name}.svg"), _decoded(image["src"])
        yield _path("figures", f"{name}.png"), _decoded(image["data-png"])


def _data(soup: BeautifulSoup) -> Iterable[tuple[str, bytes]]:
    for link in soup.select("a[download]"):
        yield _path("tables", link["download"]), _decoded(link["href"])


def _decoded(source: str) -> bytes:
    """What base64 stands for, with or without the `data:` before it."""
    return base64.b64decode(source.rpartition(",")[2])


def _path(folder: str, name: str) -> str:
    if PurePath(name).name != name:
        raise ReportError(f"{name!r} cannot be a file name")
    return f"{folder}/{name}"


def _tables(soup: BeautifulSoup) -> list[Tag]:
    """All but those of single claims, which are in ledger.json."""
    return [
        table
        for table in soup.find_all("table")
        if "conditions" not in table.get("class", [])
    ]


def _rows(table: Tag) -> list[list[str]]:
    """The text of every row; a cell that spans rows stands in each of them.

    A cell across the columns is a heading between rows, and left out.
    """
    rows, above = [], {}  # of a column: the text from above, and in how many more rows
    for row in table.find_all("tr"):
        if row.select_one("td[colspan]"):
            continue
        cells: list[str] = []
        own = iter(row.find_all(["th", "td"]))
        while True:
            text, left = above.pop(len(cells), ("", 0))
            if not left:
                cell = next(own, None)
                if cell is None:
                    break
                text, left = _text(cell), int(cell.get("rowspan", 1))
            if left > 1:
                above[len(cells)] = text, left - 1
            cells.append(text)
        rows.append(cells)
    return rows


def _text(element: Tag | None) -> str:
    """Its text as a reader of the page hears it, without marks that only adorn."""
    texts = element.find_all(string=True) if element else []
    spoken = [
        text for text in texts if not text.find_parent(attrs={"aria-hidden": "true"})
    ]
    return " ".join(" ".join(spoken).split())


def _csv(rows: Iterable[list[str]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()
