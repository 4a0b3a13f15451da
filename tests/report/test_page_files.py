"""Drawings and tables taken out of the page's HTML, by hand and from real pieces."""

import base64
import csv
import io

import pandas as pd
import pytest

from analysis.display import sections, style
from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from analysis.report.page_files import files, without_pixels
from tests.made.runs import CURVE_TO_5, write_run

DRAWING = style.Drawing(b"<svg/>", b"\x89PNG")


def figure(tmp_path, name="errors", **data):
    write_run(tmp_path, CURVE_TO_5)
    runs = results.load("cifar10", tmp_path)
    panel = sections.Panel(name, DRAWING, "in words")
    return sections.figure([panel], caption="c", data=data, runs=runs).html


def rows(content):
    return list(csv.reader(io.StringIO(content.decode())))


def test_a_figure_gives_its_drawing_its_pixels_and_its_data(tmp_path):
    frame = pd.DataFrame({"x": [0.1, 1 / 3]})
    found = files({"errors": figure(tmp_path, **{"seeds & rates": frame})})
    assert found == {
        "figures/errors.svg": b"<svg/>",
        "figures/errors.png": b"\x89PNG",
        "tables/seeds & rates.csv": frame.to_csv(index=False).encode(),
    }


def test_the_page_shows_no_pixels(tmp_path):
    html = figure(tmp_path)
    assert "data-png" in html
    shown = without_pixels(html)
    assert (
        "data-png" not in shown and base64.b64encode(b"\x89PNG").decode() not in shown
    )
    assert files({"a": html}).keys() == {"figures/errors.svg", "figures/errors.png"}


def test_tables_are_numbered_and_listed_with_their_captions():
    first = sections.table(pd.DataFrame({"a <b>": ["1 & 2"]}), caption="One, two")
    second = sections.table(pd.DataFrame({"n": [3]}), caption="Three")
    found = files({"errors": (first + second).html, "kernels": first.html})
    assert rows(found["tables/errors-table-1.csv"]) == [["a <b>"], ["1 & 2"]]
    assert rows(found["tables/errors-table-2.csv"]) == [["n"], ["3"]]
    assert rows(found["tables/contents.csv"]) == [
        ["file", "topic", "caption"],
        ["errors-table-1.csv", "errors", "One, two"],
        ["errors-table-2.csv", "errors", "Three"],
        ["kernels-table-1.csv", "kernels", "One, two"],
    ]


def test_a_cell_that_spans_rows_stands_in_each():
    html = (
        "<table><tr><th>a</th><th>b</th><th>c</th></tr>"
        "<tr><td rowspan=3>1</td><td>2</td><td rowspan=2>3<br><small>4</small></td></tr>"
        "<tr><td>5</td></tr><tr><td>6</td><td>7</td></tr><tr><td>8</td></tr></table>"
    )
    assert rows(files({"t": html})["tables/t-table-1.csv"]) == [
        *(
            ["a", "b", "c"],
            ["1", "2", "3 4"],
            ["1", "5", "3 4"],
            ["1", "6", "7"],
            ["8"],
        ),
    ]


def test_single_claims_are_no_tables_and_marks_no_text():
    """The ledger's conditions are in ledger.json; a badge is its word."""
    row = "<tr><td><i aria-hidden='true'>=</i> checks out</td></tr>"
    body = f"<table>{row}</table><table class='conditions'>{row}</table>"
    found = files({"a": body})
    assert [name for name in found if "contents" not in name] == [
        "tables/a-table-1.csv"
    ]
    assert rows(found["tables/a-table-1.csv"]) == [["checks out"]]


def test_two_contents_of_one_name_are_an_error(tmp_path):
    one, other = (figure(tmp_path, data=pd.DataFrame({"x": [x]})) for x in (1, 2))
    assert files({"a": one, "b": one})
    with pytest.raises(ReportError, match=r"two figures .* called tables/data\.csv"):
        files({"a": one, "b": other})


@pytest.mark.parametrize("name", ["../a", "a/b", "/a"])
def test_a_name_that_leaves_the_folder_is_an_error(tmp_path, name):
    with pytest.raises(ReportError, match="cannot be a file name"):
        files({"a": figure(tmp_path, name=name)})
