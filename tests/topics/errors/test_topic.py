"""Tables 1 and 2 as the reader sees them: tables and drawing."""

import matplotlib.figure
import pytest

from analysis.evidence.answers import groups
from analysis.evidence.ensembles import ensembles
from analysis.evidence.runs import load
from analysis.topics.errors import numbers, topic
from analysis.topics.errors.tables import shown
from tests.made.errors import mistakes, write_ensemble, write_exported


def loaded(reports, profile="tiny-imagenet"):
    return load(profile, reports)


@pytest.fixture
def reports(tmp_path):
    """R0 with two seeds on 100 images: 10 of 45 and 47 wrong only with one view."""
    for seed, count in enumerate((35, 37)):
        wrong = mistakes(count + 10, count, 12, 10)
        write_exported(tmp_path, seed=seed, wrong=wrong, images=100)
    return tmp_path


@pytest.mark.parametrize("exported", [False, True])
def test_what_has_not_run_is_named_with_its_command(tmp_path, exported):
    train = "repro train --profile tiny-imagenet --recipe released-145"
    assert f"{train} --seed 0" in topic.section(loaded(tmp_path)).table.html
    name = "released-145+epochs=9"
    changes = {} if exported else {"export": {}}
    write_exported(tmp_path, name, wrong=mistakes(5, 4), **changes)
    html = topic.section(loaded(tmp_path)).table.html
    export = f"repro export reports/tiny-imagenet/runs/{name}/seed-0"
    assert (export in html) != exported
    assert (f"{train} --set epochs=9 --seed 1" in html) == exported


def test_five_seeds_wait_for_their_average_then_show_it(tmp_path):
    for seed in range(5):
        write_exported(tmp_path, seed=seed, wrong=mistakes(42, 40, 8, 8), images=100)
    waits = "repro ensemble reports/tiny-imagenet/runs/released-145/seed-*"
    assert waits in topic.section(loaded(tmp_path)).table.html
    members = [f"released-145/seed-{seed}" for seed in range(5)]
    write_ensemble(tmp_path, members, wrong=mistakes(33, 30, 6, 5), images=100)
    html = topic.section(loaded(tmp_path)).table.html
    assert waits not in html
    own = html[html.index(">five<") :]
    for cell in ("30.00 (", ">40.00<", "+10.00"):
        assert cell in own


def test_the_table_marks_every_row_with_its_protocol(reports):
    runs = loaded(reports)
    frame = shown(numbers.side_by_side(groups(runs), ensembles(runs)))
    own = frame[frame["Source"].str.startswith("ours")]
    assert own["Views"].tolist() == ["10", "1", "10", "1"]
    assert set(own["Interval over"]) == {"2 seeds"}
    paper = frame[frame["Source"] == "paper: table 1"]
    assert paper["Views"].tolist() == ["10", "not said", "not said"]
    assert paper["Top-1"].iloc[0] == "37.5 (37.3–37.7)"
    marks = frame[["Images", "Views", "n", "Averaged", "Interval over"]]
    assert marks.map(bool).all(axis=None)
    html = topic.section(runs).table.html
    assert "p = 0.002, p = 0.002" in html  # 2 / 2^10
    assert "Standard error" in html and "37.4727" in html


def test_only_networks_of_2012_are_in_the_table(reports):
    write_exported(reports, "cifar-18pct", wrong=mistakes(5, 4))
    write_exported(reports, "R-nolrn", wrong=mistakes(5, 4))
    write_exported(reports, "paper-text", wrong=mistakes(5, 4))
    html = topic.section(loaded(reports)).table.html
    assert "paper-text" in html
    assert "cifar-18pct" not in html and "R-nolrn" not in html


def test_plot_draws_ours_filled_and_the_paper_hollow(reports):
    runs = loaded(reports)
    known = groups(runs)
    joined = numbers.side_by_side(known, ensembles(runs))
    rows = topic.plotted(joined, numbers.main_group(known))
    ax = topic.plot(rows, matplotlib.figure.Figure().subplots())
    dots = [line for line in ax.lines if line.get_marker() in ("o", "s")]
    filled = [line for line in dots if line.get_markerfacecolor() != "none"]
    assert {line.get_color() for line in filled} == {topic.COLOURS["ours"]}
    values = {round(float(line.get_xdata()[0]), 4) for line in filled}
    assert values == {0.36, 0.46, 0.1, 0.12, 0.18, 0.23, 0.05, 0.06}
    hollow = {line.get_color() for line in dots} - {topic.COLOURS["ours"]}
    assert topic.COLOURS["paper"] in hollow and topic.COLOURS["re-run"] in hollow
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert "ILSVRC-2010 test\npaper, 10 views" in labels
    assert "Tiny-ImageNet validation\nours, 1 view" in labels
    assert len(labels) == len(set(labels))


def test_the_figure_has_words_data_and_provenance(reports):
    section = topic.section(loaded(reports))
    html = section.figure.html
    assert (
        "Tiny-ImageNet validation, ours, 10 views, top-1 36.0 %, top-5 10.0 %" in html
    )
    assert 'download="errors.csv"' in html
    assert "reports/tiny-imagenet/runs/released-145: seed 0, 1" in html
    assert topic.section(loaded(reports)) == section


def test_a_profiles_note_comes_first(tmp_path):
    note = {"name": "smoke", "note": "smoke: proves the pipeline, not the paper"}
    settings = {"profile": "smoke", "dataset": "cifar10-subset", "record": note}
    write_exported(tmp_path, wrong=mistakes(5, 4), **settings)
    section = topic.section(loaded(tmp_path, "smoke"))
    assert "Smoke: proves the pipeline" in section.figure.html
    assert "CIFAR-10 subset test, 10 classes" in section.table.html


def test_without_runs_the_section_is_others_and_holes(tmp_path):
    section = topic.section(loaded(tmp_path))
    assert "<img" not in section.figure.html and 'class="hole"' in section.figure.html
    assert "No exported run of the 2012 network yet" in section.table.html
    assert "repro train --profile tiny-imagenet" in section.table.html
    assert "37.4727" in section.table.html


def test_runs_that_are_not_complete_are_named(reports):
    write_exported(reports, seed=7, wrong=mistakes(1, 1), status="failed")
    assert "released-145, seed 7: failed" in topic.section(loaded(reports)).table.html
