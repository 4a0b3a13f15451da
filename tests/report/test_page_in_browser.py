"""The page as a reader has it: in Chromium, with hostile class names, without a network."""

import shutil

import pytest

from analysis.claims import claims
from analysis.ledger import rows
from analysis.report.overview import FIGURES
from tests.made import hostile_page
from tests.made.hostile_page import (
    ARABIC,
    CHINESE,
    LONG,
    MARKUP,
    QUOTES,
    write_hostile_page,
)

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CLAIMS = len(claims.load())
DRAWINGS = 2 + 2 + 3  # of activations, predictions, neighbors
LEADS = 3  # of them stand in the overview too: figure 1 and both halves of figure 4

INTERACTIVE = "a[href], button, input, select, summary, [tabindex='0']"
SHOWN = "tbody[id]:not([hidden])"
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium on PATH: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api").sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield browser
    browser.close()
    playwright.stop()


@pytest.fixture(scope="module")
def built(browser, tmp_path_factory):
    """The page, whose ledger reads the topics that are on it."""
    with pytest.MonkeyPatch.context() as patch:
        known = rows.topic_modules()
        on_page = {name: known[name] for name in hostile_page.TOPICS if name in known}
        patch.setattr(rows, "topic_modules", lambda: on_page)
        return write_hostile_page(tmp_path_factory.mktemp("reports"))


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
        tab.on("dialog", lambda dialog: tab.complaints.append(dialog.message))
        tab.goto(built.as_uri())
        return tab

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_quiet_and_alone(opened, scheme):
    from axe_playwright_python.sync_playwright import Axe

    tab = opened(color_scheme=scheme, offline=True)
    tab.evaluate(OPEN_ALL)
    found = Axe().run(tab)
    assert found.violations_count == 0, found.generate_report()
    assert [url for url in tab.requests if not url.startswith(("file:", "data:"))] == []
    assert len([url for url in tab.requests if url.startswith("file:")]) == 1
    assert tab.complaints == []


def test_every_image_shows_and_speaks(opened):
    images = opened().query_selector_all("img")
    assert len(images) == DRAWINGS + LEADS
    for image in images:
        assert image.evaluate("image => image.naturalWidth * image.naturalHeight") > 0
        assert len(image.get_attribute("alt")) > 40


@pytest.mark.parametrize("width", [360, 1000, 1100, 1600])
def test_nothing_overflows_sideways(opened, width):
    tab = opened(width=width)
    tab.evaluate(OPEN_ALL)
    tab.get_by_label("Show the code of the notebooks").check()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    ledger = tab.locator("#claims")
    assert ledger.evaluate("box => box.scrollWidth <= box.clientWidth")


def test_printed_nothing_is_cut(opened):
    tab = opened(width=700)  # A4 without its margins
    tab.emulate_media(media="print")
    tab.evaluate(OPEN_ALL)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 700
    assert not tab.locator("form.filter").is_visible()


def test_complete_without_a_script(opened):
    tab = opened(java_script_enabled=False)
    assert tab.locator(SHOWN).count() == CLAIMS
    assert tab.locator("tbody.part").first.is_visible()
    assert not tab.locator("form.filter").is_visible()
    assert tab.locator("thead button").count() == 0
    code = tab.locator(".input").first
    assert not code.is_visible()
    tab.get_by_label("Show the code of the notebooks").check()
    assert code.is_visible()
    assert "from analysis.topics.activations import topic" in tab.inner_text("main")


def test_the_keyboard_reaches_everything(opened):
    """By the Tab key alone, from the first element to the last."""
    tab = opened()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "skip"
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"
    tab.reload()
    tab.evaluate(
        "selector => {window.missed = new Set([...document.querySelectorAll(selector)]"
        ".filter(each => each.checkVisibility()));"
        "addEventListener('focusin', event => missed.delete(event.target))}",
        INTERACTIVE,
    )
    for _ in range(tab.evaluate("missed.size") + 5):
        tab.keyboard.press("Tab")
    assert tab.evaluate("[...missed].map(each => each.outerHTML.slice(0, 99))") == []


def count(tab):
    """How many claims show, which the page says as well."""
    shown = tab.locator(SHOWN).count()
    assert tab.inner_text("form.filter output") == f"{shown} of {CLAIMS} claims"
    return shown


def test_the_ledger_filters(opened):
    tab = opened()
    assert count(tab) == CLAIMS
    tab.get_by_role("combobox", name="Verdict").select_option("direction reproduced")
    known = tab.locator(SHOWN).evaluate_all("all => all.map(x => x.dataset.verdicts)")
    assert 0 < count(tab) == len([each for each in known if "direction" in each]) < 20
    tab.get_by_role("searchbox").fill("RELU tanh")
    first = count(tab)
    assert 0 < first and "F1a" in tab.inner_text("#claims")
    tab.get_by_role("searchbox").fill("no claim says this")
    assert count(tab) == 0 and tab.locator("tbody.part:visible").count() == 0
    tab.get_by_role("button", name="Show all").click()
    assert count(tab) == CLAIMS
    tab.get_by_role("checkbox", name="Testable here").check()
    hidden = tab.locator("tbody[hidden][id]")
    verdicts = hidden.evaluate_all(
        "all => [...new Set(all.map(x => x.dataset.verdicts))]"
    )
    assert verdicts == ["not testable here"]
    tab.get_by_role("combobox", name="Measured on").select_option("CIFAR-10")
    assert 0 < count(tab) < 20


def sort_keys(tab, column):
    """Of the claims that show, in the order of the page; None without a value."""
    return tab.locator(SHOWN).evaluate_all(
        "(all, column) => all.map(claim => {"
        "const value = claim.rows[0].cells[column].dataset.sort;"
        "return value === undefined ? null : Number(value)})",
        column,
    )


def test_the_ledger_sorts(opened):
    tab = opened()
    in_order = tab.locator(SHOWN).evaluate_all("all => all.map(claim => claim.id)")
    assert in_order[:2] == ["claim-A1", "claim-A2"]
    ledger = tab.locator("#claims")
    measured = ledger.get_by_role("columnheader", name="Measured")
    for direction in ("ascending", "descending"):
        measured.get_by_role("button").press("Enter")
        assert measured.get_attribute("aria-sort") == direction
        assert tab.locator("[aria-sort]:not([aria-sort=none])").count() == 1
        keys = sort_keys(tab, 3)
        values = [key for key in keys if key is not None]
        assert values == sorted(values, reverse=direction == "descending")
        assert len(values) > 5 and set(keys[len(values) :]) == {None}
    assert tab.locator("tbody.part:visible").count() == 0
    ledger.get_by_role("columnheader", name="Claim").get_by_role("button").click()
    assert tab.locator(SHOWN).evaluate_all("all => all.map(x => x.id)") == in_order
    assert tab.locator("tbody.part:visible").count() == 9


def test_links_into_the_ledger_show_what_they_name(opened):
    tab = opened()
    link = tab.locator("a[data-verdict='inconclusive']")
    link.click()
    tab.wait_for_function("document.querySelectorAll('tbody[id][hidden]').length")
    assert link.inner_text() == f"{count(tab)} inconclusive"
    assert not tab.locator("#claim-A1").is_visible()
    tab.evaluate("location.hash = 'claim-A1'")
    tab.locator("#claim-A1").wait_for(state="visible")
    assert count(tab) == CLAIMS


def test_class_names_are_text(opened):
    """As they are where they fit, cut in drawings, and never an element of the page."""
    tab = opened()
    tab.evaluate(OPEN_ALL)
    assert tab.locator("script").count() == 1
    text = tab.inner_text("#neighbors")
    for name in (MARKUP, QUOTES, ARABIC, CHINESE, LONG[:79] + "…"):
        assert name in text
    described = " ".join(tab.locator("img").evaluate_all("all => all.map(x => x.alt)"))
    for name in (QUOTES, f"\u2068{ARABIC}\u2069", CHINESE, MARKUP[:23] + "…"):
        assert name in described
    assert "\u202e" not in text + described
    widest = tab.locator("#neighbors td").evaluate_all(
        "all => Math.max(...all.map(cell => cell.clientWidth))"
    )
    assert widest < 450


def test_the_overview_names_runs_and_holes(opened):
    text = opened().inner_text("#overview")
    assert f"{CLAIMS} claims" in text
    assert "9 complete runs, seeds 0, 1, 2, 1 not counted" in text
    assert "figure1-18pct-modern (8), released-145 (1)" in text
    assert "an example, 2 threads, float32" in text and "0123456" in text
    drawn = [lead.title for lead in FIGURES if f"{lead.title}." in text]
    assert drawn == ["Figure 1", "Figure 4"]
