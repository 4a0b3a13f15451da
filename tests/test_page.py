"""The page: built from run folders, self-contained, and looked at in a browser."""

import re
import shutil

import pytest
from fake_runs import CURVE_TO_5, write_race, write_run

from analysis import contents, notebooks, page
from analysis.builds import build_page
from analysis.page import Part, render
from analysis.results import ReportError

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PANELS = 2  # one condition: its curves and its search


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


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield browser
    browser.close()
    playwright.stop()


@pytest.fixture
def opened(browser, built):
    """A function that opens the page and collects what it asks for and complains of."""
    contexts = []

    def open_page(*, width=1000, **settings):
        viewport = {"width": width, "height": 800}
        contexts.append(browser.new_context(viewport=viewport, **settings))
        tab = contexts[-1].new_page()
        tab.requests, tab.complaints = [], []
        tab.on("request", lambda request: tab.requests.append(request.url))
        tab.on("console", lambda message: tab.complaints.append(message.text))
        tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
        tab.goto(built.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()


def test_the_page_over_all_is_the_same_from_another_folder(reports, built, monkeypatch):
    """Same inputs, same bytes; started in notebooks/ as from anywhere else."""
    monkeypatch.chdir(notebooks.FOLDER)
    over_all = build_page(None, reports)
    assert over_all == reports / "index.html"
    bodies = [_sections(path.read_text()) for path in (built, over_all)]
    assert bodies[0] == bodies[1]


def _sections(html):
    return html[html.index("<main") : html.index("</main>")]


def test_the_page_tells_what_it_shows(built):
    html = built.read_text()
    assert "Evidence: profile cifar10, 8 complete runs" in html
    assert "learning_rate=0.01, seed 9: running" in html
    assert "<math" in html and "$" not in re.sub(r'"data:[^"]*"', "", html)
    assert html.count("<h1>") == 1 and html.count("<h2>") == 1
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
    tables = [f"activations-table-{number}.csv" for number in (1, 2)]
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


def test_a_page_that_is_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(page, "MOST_BYTES", 1000)
    with pytest.raises(ReportError, match="at most 1000 are allowed"):
        render([Part("activations", "smoke", 0, "x" * 1000)], None)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_quiet_and_alone(opened, scheme):
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(color_scheme=scheme, offline=True)
    for details in tab.query_selector_all("details"):
        details.evaluate("element => element.open = true")
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in tab.requests if url.startswith("file:")]) == 1
    assert tab.complaints == []


def test_every_image_shows_and_speaks(opened):
    images = opened(java_script_enabled=True).query_selector_all("img")
    assert len(images) == PANELS
    for image in images:
        assert image.evaluate("image => image.naturalWidth * image.naturalHeight") > 0
        assert len(image.get_attribute("alt")) > 40


@pytest.mark.parametrize("width", [360, 1000])
def test_nothing_overflows_sideways(opened, width):
    tab = opened(width=width)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_the_code_is_behind_a_toggle_that_needs_no_script(opened):
    tab = opened(java_script_enabled=False)
    code = tab.locator(".input").first
    assert not code.is_visible()
    tab.get_by_label("Show the code of the notebooks").check()
    assert code.is_visible()
    assert "from analysis import activations, results" in tab.inner_text("main")


def test_the_keyboard_reaches_the_content(opened):
    tab = opened()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
