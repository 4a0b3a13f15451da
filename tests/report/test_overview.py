"""The overview: counts, figures and runs, taken from what the parts say."""

from analysis.evidence import runs
from analysis.report.overview import overview
from analysis.report.page import Part
from tests.made.runs import CURVE_TO_5, write_race, write_run

IMAGE = '<img alt="a &quot;b&quot;" data-name="{}" src="data:image/svg+xml;base64,{}"/>'
LEDGER = (
    '<tbody data-verdicts="exact" id="a"></tbody>'
    '<tbody data-verdicts="exact,not run" id="b"></tbody>'
)


def parts(**bodies):
    return [Part(topic, "smoke", 1, body) for topic, body in bodies.items()]


def test_a_figure_is_its_first_two_drawings_of_that_name():
    names = ("learning-rates-x", "activations-a", "activations-b", "activations-c")
    body = "".join(IMAGE.format(name, name) for name in names)
    html = overview(parts(activations=body, ledger=LEDGER), []).html
    assert html.count("<img") == 2 and 'alt="a &quot;b&quot;"' in html
    assert html.index("base64,activations-a") < html.index("base64,activations-b")
    assert '<a href="#activations">Activations</a>' in html
    assert "data-name" not in html  # it is the topic's, which is written as a file


def test_both_halves_of_figure_4_stand_together():
    halves = [
        IMAGE.format(name, name) for name in ("predictions-1", "neighbors-features")
    ]
    html = overview(parts(neighbors=halves[1], predictions=halves[0]), []).html
    assert html.count("<img") == 2
    assert html.index("base64,predictions-1") < html.index("base64,neighbors-features")
    assert '<a href="#neighbors">Neighbors</a>' in html


def test_a_figure_without_drawings_is_a_hole_and_one_without_topic_is_left_out():
    html = overview(parts(kernels=IMAGE.format("kernels-initial", "AA")), []).html
    assert "<b>Figure 3</b>: not drawn" in html and "<img" not in html
    assert "Figure 1" not in html


def test_claims_count_for_each_of_their_verdicts():
    html = overview(parts(ledger=LEDGER), []).html
    assert "2 claims" in html
    assert 'data-verdict="exact"><b>2</b> exact</a>' in html
    assert 'data-verdict="not run"><b>1</b> not run</a>' in html
    assert "contradicted" not in html
    assert "No verdicts" in overview(parts(ledger=""), []).html


def test_runs_are_told_by_profile(tmp_path):
    note = "smoke: proves <the> pipeline"
    hardware = {"processor": "slow", "gpu": "fast", "threads": 1}
    write_run(tmp_path, CURVE_TO_5, profile={"name": "smoke", "note": note})
    write_race(tmp_path, hardware=hardware, splits={"train": 50_000})
    found = [runs.load(name, tmp_path) for name in ("cifar10", "smoke", "imagenet")]
    drawing = IMAGE.format("predictions-1", "AA")
    html = overview(parts(predictions=drawing), found).html
    assert "8 complete runs, seeds 0, 1, 2<br>figure1-18pct-modern (8)" in html
    assert "CIFAR-10, 50,000 training images" in html
    assert "fast, float32" in html and "slow" not in html
    assert "1 run, seed 1<br>" in html and "imagenet" not in html
    assert "<small>smoke: proves &lt;the&gt; pipeline</small>" in html
    assert "Profile smoke (smoke: proves &lt;the&gt; pipeline): how" in html
    assert "Nothing has run yet" in overview([], []).html
