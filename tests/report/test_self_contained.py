"""What keeps a page from standing alone; tests/test_page.py has what is refused."""

from analysis.report.self_contained import outside

OWN = "let own = 1 < 2;\n"


def test_the_page_s_own_script_is_allowed_once():
    assert outside(f"<script>\n{OWN}</script>", OWN) == []
    twice = f"<script>{OWN}</script>" * 2
    assert outside(twice, OWN) == ["<script>let own = 1 < 2;"]
    assert outside("<script>let other;</script>", OWN) == ["<script>let other;"]
    assert outside(f'<script src="a.js">{OWN}</script>', OWN)[0] == "<script>"


def test_data_and_links_to_follow_are_no_obstacle():
    html = (
        '<img src="data:image/png;base64,AA" alt=""><a href="https://example.org">x</a>'
        '<a download="a.csv" href="data:text/csv;base64,AA">a</a><style>a { color: red }'
        "</style><p>@import url(a) src=b</p>"
    )
    assert outside(html, "") == []


def test_every_obstacle_is_named_in_order():
    html = '<img src="a.png"><div style="background: URL(b)" onload="c()"></div>'
    assert outside(html, "") == [
        "src='a.png'",
        "style='background: URL(b)'",
        "onload='c()'",
    ]
