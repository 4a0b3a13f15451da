"""The page as a reader has it: in Chromium, with hostile class names, without a network."""

import shutil

import pytest

from analysis.claims import claims
from analysis.ledger import rows
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

INTERACTIVE = "a[href], button, input, select, summary, [tabindex='0']"
SHOWN = "details.claim:not([hidden])"
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
    tab = opened()
    tab.evaluate(OPEN_ALL)
    images = tab.query_selector_all("img")
    assert len(images) == DRAWINGS
    for image in images:
        assert image.evaluate("image => image.naturalWidth * image.naturalHeight") > 0
        assert len(image.get_attribute("alt")) > 40


@pytest.mark.parametrize("width", [360, 1000, 1100, 1600])
def test_nothing_overflows_sideways(opened, width):
    tab = opened(width=width)
    tab.evaluate(OPEN_ALL)
    tab.get_by_label("Show the code of the notebooks").check()
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    for name in ("#claims", "#overview", ".told"):
        box = tab.locator(name).first
        assert box.evaluate("box => box.scrollWidth <= box.clientWidth"), name


def test_the_contents_stay_and_mark_the_section_in_sight(opened):
    tab = opened(width=1200)
    current = tab.locator("#contents [aria-current]")
    for topic in ("activations", "neighbors"):
        tab.locator(f"#contents a[href='#{topic}']").click()
        tab.wait_for_function(
            "hash => document.querySelector('#contents [aria-current]')?.hash === hash",
            arg=f"#{topic}",
        )
        assert current.count() == 1
        top = tab.locator("#contents").evaluate(
            "box => box.getBoundingClientRect().top"
        )
        assert top == 0
    column = tab.locator("#activations p:not(.evidence)").first.evaluate(
        "p => p.clientWidth"
    )
    assert column <= 44 * 16


def test_printed_nothing_is_cut(opened):
    tab = opened(width=700)  # A4 without its margins
    tab.emulate_media(media="print")
    tab.evaluate(OPEN_ALL)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 700
    assert not tab.locator("form.find").is_visible()
    closed = opened(width=700)
    closed.emulate_media(media="print")
    assert not closed.locator("#claim-A1 summary").is_visible()
    closed.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert closed.locator("details.claim > summary:visible").count() == CLAIMS
    closed.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not closed.locator("#claim-A1 summary").is_visible()


def test_complete_without_a_script(opened):
    tab = opened(java_script_enabled=False)
    assert tab.locator(SHOWN).count() == CLAIMS == tab.locator("a.square").count()
    tab.locator("details.group > summary").first.click()
    assert tab.locator("#claim-A1 > summary").is_visible()
    assert not tab.locator("form.find").is_visible()
    code = tab.locator(".input").first
    assert not code.is_visible()
    tab.get_by_label("Show the code of the notebooks").check()
    assert code.is_visible()
    imported = "from analysis.topics.activations import topic as activations"
    assert imported in tab.inner_text("main")


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
    assert tab.inner_text("form.find output") == f"{shown} of {CLAIMS} claims"
    return shown


def test_the_ledger_finds(opened):
    tab = opened()
    assert count(tab) == CLAIMS
    assert not tab.locator("#claim-F1a").is_visible()
    tab.get_by_role("combobox", name="Verdict").select_option("direction reproduced")
    known = tab.locator(SHOWN).evaluate_all("all => all.map(x => x.dataset.verdict)")
    assert {*known} == {"direction reproduced"} and 0 < count(tab) == len(known) < 20
    assert int(tab.inner_text(".legend [data-verdict='direction reproduced'] b")) == (
        len(known)
    )
    tab.get_by_role("searchbox").fill("RELU tanh")
    assert 0 < count(tab) and tab.locator("#claim-F1a > summary").is_visible()
    tab.get_by_role("searchbox").fill("no claim says this")
    assert count(tab) == 0 and tab.locator("details.group:visible").count() == 0
    tab.get_by_role("button", name="Show all").click()
    assert count(tab) == CLAIMS
    assert not tab.locator("#claim-F1a").is_visible()


def test_the_map_shows_one_verdict(opened):
    tab = opened()
    button = tab.locator(".legend [data-verdict='not run']")
    dimmed = tab.locator(".square.dim")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    assert dimmed.count() == CLAIMS - int(button.locator("b").inner_text())
    assert tab.locator(".square.dim[data-verdict='not run']").count() == 0
    tab.locator(".legend [data-verdict='exact']").click()
    assert tab.locator("[aria-pressed=true]").count() == 1
    tab.locator(".legend [data-verdict='exact']").click()
    assert dimmed.count() == 0


def test_links_open_what_they_point_at(opened):
    tab = opened()
    claim = tab.locator("#claim-A1")
    tab.locator("a.square[href='#claim-A1']").click()
    claim.locator(".conditions").wait_for(state="visible")
    tab.get_by_role("searchbox").fill("tanh")
    assert not claim.is_visible()
    tab.evaluate("location.hash = 'claim-A1-nothing'; location.hash = 'claim-A1'")
    claim.wait_for(state="visible")
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


def test_the_overview_names_runs(opened):
    tab = opened()
    tab.evaluate(OPEN_ALL)
    text = tab.inner_text("#overview")
    assert f"{CLAIMS} claims" in text
    assert "9 complete runs, seeds 0, 1, 2, 1 not counted" in text
    assert "figure1-18pct-modern (8), released-145 (1)" in text
    assert "an example, 2 threads, float32" in text and "0123456" in text
