"""HTML pieces: escaped, accessible, the same bytes each time."""

import base64
import io

import pandas as pd
from PIL import Image

from analysis.display import sections, style
from analysis.evidence import runs as results
from tests.made.runs import CURVE_TO_5, write_run


def test_a_table_is_escaped_and_reachable_by_keyboard():
    frame = pd.DataFrame({"a <b>": ["<i>"]})
    html = sections.table(frame, caption="one & two").html
    assert "&lt;i&gt;" in html and "<i>" not in html
    assert "<caption><span>one &amp; two</span></caption>" in html
    assert '<th scope="col">a &lt;b&gt;</th>' in html
    assert 'tabindex="0" aria-label="one &amp; two"' in html


def test_long_cells_wrap_but_not_within_an_interval():
    cells = [
        "+49.22 (+37.73 to +60.71)",
        "+1.80 (+0.40)",
        "f(x) <of a long text>, wrapped",
    ]
    html = sections.table(pd.DataFrame({"a": cells}), caption="c").html
    long = '<td dir="auto"><div class="long">'
    assert f"{long}+49.22 <span>(+37.73 to +60.71)</span></div></td>" in html
    assert '<td dir="auto">+1.80 (+0.40)</td>' in html
    assert f"{long}f<span>(x)</span> &lt;of a long text&gt;, wrapped</div>" in html


def test_a_figure_carries_alt_text_data_and_provenance(tmp_path):
    write_run(tmp_path, CURVE_TO_5, dirty=True)
    runs = results.load("cifar10", tmp_path)
    drawing = style.Drawing(b"<svg/>", b"pixels")
    panel = sections.Panel("name", drawing, 'a "quoted" line')
    data = {"numbers": pd.DataFrame({"x": [1]})}
    html = sections.figure([panel], caption="c", data=data, runs=runs).html
    assert 'alt="a &quot;quoted&quot; line"' in html
    assert base64.b64encode(b"x\n1\n").decode() in html
    assert "0123456789abcdef with uncommitted changes" in html
    assert "figure1-18pct-modern+learning_rate=0.01: seed 1" in html


def test_holes_name_the_runs_that_are_not_complete(tmp_path):
    write_run(tmp_path, CURVE_TO_5, seed=4, status="running")
    html = sections.holes(results.load("cifar10", tmp_path)).html
    assert "figure1-18pct-modern+learning_rate=0.01, seed 4: running" in html


def test_drawings_have_the_same_bytes_and_colours_for_the_dark():
    first, second = (style.drawn(lambda ax: ax.plot([0, 1])) for _ in range(2))
    assert first == second
    assert b"prefers-color-scheme: dark" in first.svg
    assert f'[style*="fill: {style.INK}"]'.encode() in first.svg
    assert f'style="fill: {style.INK}'.encode() in first.svg


def test_the_pixels_are_those_of_the_same_drawing():
    """Its size in pixels by hand, and nothing in it that names a time or a version."""
    png = style.drawn(lambda ax: ax.plot([0, 1]), (2.0, 1.5)).png
    with Image.open(io.BytesIO(png)) as image:
        assert image.size == (400, 300)
        assert set(image.info) <= {"dpi"}


def test_a_section_shows_its_first_figure_and_folds_the_rest():
    figures = [f"<figure>{name}</figure>" for name in ("one", "two")]
    section = sections.Section(
        sections.Html("<p>t</p>"), sections.Html("\n".join(figures))
    )
    assert section.first.html == figures[0]
    numbers, more = section.rest.html.split("</details>\n")
    assert "<p>t</p>" in numbers and figures[1] in more and "one" not in more
    hole = sections.Section(
        sections.Html("<p>t</p>"), sections.Html("<p>no figure</p>")
    )
    assert "<p>no figure</p>" in hole.rest.html
    assert "no figure</p>" not in hole.first.html != ""
    assert sections.Section(hole.table, sections.Html("")).first.html == ""


def test_each_command_is_named_once():
    lines = [
        f'<p class="hole">{what}: <code>{command}</code></p>'
        for what, command in (("a", "x"), ("b", "y"), ("c", "x"), ("a", "x"))
    ]
    assert sections.once("\n".join(lines) + "<p>end</p>") == (
        '<p class="hole">a; c: <code>x</code></p>\n'
        '<p class="hole">b: <code>y</code></p>\n<p>end</p>'
    )
