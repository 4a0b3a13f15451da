"""The page: built from run folders, and self-contained."""

import re

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
)

from analysis.evidence.runs import ReportError
from analysis.report import contents, notebooks, page
from analysis.report.builds import build_page
from analysis.report.page import Part, render
from tests.made.runs import CURVE_TO_5, write_race, write_run


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    reports = tmp_path_factory.mktemp("reports")
    write_race(reports)
    write_run(reports, CURVE_TO_5, seed=9, status="running")
    return reports


@pytest.fixture(scope="module")
def built(reports, one_topic):
    """The page of one profile, built from wherever pytest runs."""
    return build_page("cifar10", reports)


@pytest.fixture(scope="module", autouse=True)
def one_topic():
    """Pages of Figure 1 alone: every topic takes seconds, and has its own tests."""
    with pytest.MonkeyPatch.context() as patch:
        topics = {"activations": contents.TOPICS["activations"]}
        patch.setattr(contents, "TOPICS", topics)
        yield


def test_the_page_over_all_is_the_same_from_another_folder(reports, monkeypatch):
    """Same inputs, same bytes; started in notebooks/ as from anywhere else."""
    page = build_page(None, reports)
    assert page == reports / "index.html"
    before = page.read_bytes()
    monkeypatch.chdir(notebooks.FOLDER)
    assert build_page(None, reports).read_bytes() == before


def _sections(html):
    return html[html.index("<main") : html.index("</main>")]


def test_the_page_tells_what_it_shows(built):
    html = built.read_text()
    assert "profile cifar10, 8 complete runs" in html
    assert "learning_rate=0.01, seed 9: running" in html
    assert "<math" in html
    assert "$" not in re.sub(r'"data:[^"]*"', "", _sections(html))
    assert html.count("<h1>") == 1 and html.count("<h2") == 2
    assert "tanh takes 10.50 epochs" in html


def test_drawings_and_tables_lie_beside_the_page(built):
    names = {
        folder: sorted(path.name for path in (built.parent / folder).iterdir())
        for folder in ("figures", "tables")
    }
    drawn = ("activations-18pct-modern", "learning-rates-18pct-modern")
    endings = ("png", "svg")
    assert names["figures"] == [f"{name}.{end}" for name in drawn for end in endings]
    data = [f"activations-{name}.csv" for name in ("curves", "learning-rates")]
    tables = [f"activations-table-{number}.csv" for number in (1, 2, 3, 4)]
    assert names["tables"] == [
        *data,
        "activations-results.csv",
        *tables,
        "contents.csv",
    ]


@pytest.mark.parametrize(
    "body",
    [
        '<script src="x.js"></script>',
        '<img src="https://example.org/a.png">',
        '<link rel="stylesheet" href="a.css">',
        "<style>@import url(a.css)</style>",
        "<p style=\"background: url('https://example.org/a.png')\"></p>",
    ],
)
def test_what_needs_the_network_is_refused(body):
    with pytest.raises(ReportError, match="not self-contained"):
        render([Part("activations", "smoke", 0, body)], None)


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<p onclick="alert(1)">x</p>',
        '<a href="javascript:alert(1)">x</a>',
        '<meta http-equiv="refresh" content="0; url=x">',
        '<svg><use xlink:href="https://example.org/a.svg#x"/></svg>',
        '<img srcset="a.png 2x" alt="">',
        '<object data="a.svg"></object>',
    ],
)
def test_what_would_run_or_leave_by_itself_is_refused(body):
    with pytest.raises(ReportError, match="not self-contained"):
        render([Part("activations", "smoke", 0, body)], None)


def test_text_that_looks_like_an_element_is_text():
    body = "<p>&lt;script src=x&gt; src=x @import url(a) onclick=x</p>"
    html = render([Part("activations", "smoke", 0, body)], None)
    assert body in html and html.count("<script>") == 1


def test_a_page_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(page, "MOST_BYTES", 1000)
    with pytest.raises(ReportError, match="at most 1000 are allowed"):
        render([Part("activations", "smoke", 0, "x" * 1000)], None)


def test_a_topic_names_each_command_once():
    """Of claims that nothing has run and of tables that lack runs alike."""
    hole = '<p class="hole">{}: <code>repro x</code></p>'
    output = {"text/html": hole.format("A1") + hole.format("a table")}
    cell = new_code_cell("1", outputs=[new_output("display_data", data=output)])
    folded = new_markdown_cell("**a**", metadata={"tags": ["folded"]})
    html = page.body(new_notebook(cells=[cell, folded]), "errors")
    assert html.count("repro x") == 1 and "A1; a table: <code>" in html
    assert "<details><summary>How to read it</summary>" in html
