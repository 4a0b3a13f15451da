"""Tables 1 and 2 as the reader sees them: tables, sentences, drawing."""

import re

import matplotlib.figure
import pytest
from analysis.topics.errors.error_claims import CLAIMS, main_group, summary

from analysis.evidence import runs as results
from analysis.evidence.answers import groups
from analysis.evidence.ensembles import ensembles
from analysis.topics.errors import numbers, topic
from analysis.topics.errors.tables import shown
from tests.made.errors import mistakes, write_ensemble, write_exported

PROBE = """vectors,top1_error,n,train_images
features,0.5,100,90
pixels,0.75,100,90
HOG,0.7,100,90
"HOG, more images",0.6,100,300
"""


def load(reports, profile="tiny-imagenet"):
    return results.load(profile, reports)


def bullets(text):
    """Claim -> its part of a summary."""
    parts = re.split(r"^- \*\*(\S+)\*\*", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture
def reports(tmp_path):
    """R0 with two seeds on 100 images: 10 of 45 and 47 wrong only with one view."""
    for seed, count in enumerate((35, 37)):
        wrong = mistakes(count + 10, count, 12, 10)
        write_exported(tmp_path, seed=seed, wrong=wrong, images=100)
    return tmp_path


def test_every_claim_is_answered_with_and_without_runs(reports, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    for runs in (load(reports), load(empty)):
        found = bullets(summary(runs))
        assert list(found) == list(CLAIMS)
        assert all("    - " in answer for answer in found.values())


def test_the_sentences_carry_numbers_data_n_and_interval(reports):
    found = bullets(summary(load(reports)))
    where = "Ours, Tiny-ImageNet validation, 10 classes, n = 100, 10 views, one network"
    assert f"{where} `released-145`: top-1 36.00 (" in found["A1"]
    assert "%, interval over 2 seeds." in found["T2-2a"]
    assert "37.4727 % and 16.9987 %" in found["A1"]
    assert "top-5 10.00 (10.00–10.00) %" in found["A2"]
    assert "46.00 % with one view, 36.00 % with ten, gain +10.00" in found["S4.1e"]
    assert "by seed: p = 0.002, p = 0.002." in found["S4.1e"]  # 2 / 2^10
    assert "top-1 1.55, top-5 1.30 points" in found["S4.1e"]
    assert "18.00 % on 200 images held out of training, 36.00 % on 100" in found["S6.1"]
    assert (
        "difference −18.00 points, standard error of sampling images" in found["S6.1"]
    )
    assert "neither confirm nor contradict" in found["S7.1"]


def test_what_is_quoted_is_computed_from_the_printed_digits(reports):
    found = bullets(summary(load(reports)))
    assert "top-1 8.2, top-5 8.7 points" in found["A3"]
    assert "top-5 10.9 points" in found["A9"]
    assert "top-5 16.4 to 15.3 (−1.1)" in found["S6.4"]
    assert "top-1 40.7 to 38.1 (−2.6)" in found["S6.2"]
    assert "top-1 10.7, top-5 20.0 points" in found["S6.5a"]
    assert "+0.18 points top-1, −0.02 top-5" in found["S6.1"]


def test_a_shallow_baseline_stands_beside_where_it_was_probed(reports):
    assert "shallow" not in bullets(summary(load(reports)))["A3"]
    folder = load(reports).complete[1].folder
    (folder / "probe.csv").write_text(PROBE)
    found = bullets(summary(load(reports)))["A3"]
    assert "linear on pixels: top-1 75.00 %, n = 100, one view" in found
    hog = "linear on HOG: top-1 60.00 %, n = 100, one view, fitted to 300 images"
    assert f"{hog} (probe.csv of `released-145`)" in found and "70.00" not in found
    (load(reports).complete[0].folder / "probe.csv").write_text(PROBE)
    assert bullets(summary(load(reports)))["A3"] == found  # the same for every seed
    assert "1 view, one network `released-145`: top-1 46.00" in found
    (folder / "probe.csv").write_text("")
    with pytest.raises(results.ReportError, match=r"probe\.csv: not readable"):
        summary(load(reports))


def test_holes_name_the_next_command(tmp_path):
    train = "repro train --profile tiny-imagenet --recipe"
    found = bullets(summary(load(tmp_path)))
    for claim in ("A1", "A2", "T2-2b", "S4.1e", "S6.1"):
        assert f"Not run: `{train} released-145 --seed 0`." in found[claim]
    assert f"`{train} R" not in found["S6.3"]  # R0 comes first
    write_exported(tmp_path, "released-145+epochs=9", wrong=mistakes(5, 4), export={})
    export = "repro export reports/tiny-imagenet/runs/released-145+epochs=9/seed-0"
    assert f"`{export}`" in bullets(summary(load(tmp_path)))["A1"]
    write_exported(tmp_path, "released-145+epochs=9", wrong=mistakes(5, 4))
    found = bullets(summary(load(tmp_path)))
    assert f"`{train} R-6conv --set epochs=9 --seed 0`" in found["S6.3"]
    assert f"`{train} released-145 --set epochs=9 --seed 1`" in found["T2-3"]


def test_five_seeds_wait_for_their_average_then_show_it(tmp_path):
    for seed in range(5):
        write_exported(tmp_path, seed=seed, wrong=mistakes(42, 40, 8, 8), images=100)
    assert "Not averaged: 5 seeds ran" in bullets(summary(load(tmp_path)))["S6.2"]
    members = [f"released-145/seed-{seed}" for seed in range(5)]
    write_ensemble(tmp_path, members, wrong=mistakes(33, 30, 6, 5), images=100)
    found = bullets(summary(load(tmp_path)))
    for claim in ("T2-3", "S6.2"):
        assert "5 networks `released-145` averaged: top-1 30.00 (" in found[claim]
        assert "members' mean 40.00 %, gain +10.00 (" in found[claim]


def test_the_control_without_pre_training_is_measured(reports):
    for seed in (0, 1):
        wrong = mistakes(50, 40 + seed, 9, 9)
        write_exported(reports, "R-6conv", seed, wrong=wrong, images=100)
    found = bullets(summary(load(reports)))["S6.3"]
    assert (
        "Control, not pre-trained. A sixth convolution (`R-6conv`): top-1 +4.50"
        in found
    )


def test_the_table_marks_every_row_with_its_protocol(reports):
    runs = load(reports)
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
    assert "Right only with ten / one" in html and "Standard error" in html
    assert "All 47 errors in the authors" in html


def test_only_networks_of_2012_are_in_the_table(reports):
    write_exported(reports, "cifar-18pct", wrong=mistakes(5, 4))
    write_exported(reports, "R-nolrn", wrong=mistakes(5, 4))
    write_exported(reports, "paper-text", wrong=mistakes(5, 4))
    html = topic.section(load(reports)).table.html
    assert "paper-text" in html
    assert "cifar-18pct" not in html and "R-nolrn" not in html


def test_plot_draws_ours_filled_and_the_paper_hollow(reports):
    runs = load(reports)
    known = groups(runs)
    joined = numbers.side_by_side(known, ensembles(runs))
    rows = topic.plotted(joined, main_group(known))
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
    section = topic.section(load(reports))
    html = section.figure.html
    assert (
        "Tiny-ImageNet validation, ours, 10 views, top-1 36.0 %, top-5 10.0 %" in html
    )
    assert 'download="errors.csv"' in html
    assert "reports/tiny-imagenet/runs/released-145: seed 0, 1" in html
    assert topic.section(load(reports)) == section


def test_a_profiles_note_comes_first(tmp_path):
    note = {"name": "smoke", "note": "smoke: proves the pipeline, not the paper"}
    settings = {"profile": "smoke", "dataset": "cifar10-subset", "record": note}
    write_exported(tmp_path, wrong=mistakes(5, 4), **settings)
    section = topic.section(load(tmp_path, "smoke"))
    assert section.summary.startswith("**Smoke: proves the pipeline, not the paper.**")
    assert "Smoke: proves the pipeline" in section.figure.html
    assert "CIFAR-10 subset test, 10 classes" in section.table.html


def test_without_runs_the_section_is_others_and_holes(tmp_path):
    section = topic.section(load(tmp_path))
    assert "<img" not in section.figure.html and 'class="hole"' in section.figure.html
    assert "No exported run of the 2012 network yet" in section.table.html
    assert "repro train --profile tiny-imagenet" in section.table.html
    assert "37.4727" in section.table.html


def test_runs_that_are_not_complete_are_named(reports):
    write_exported(reports, seed=7, wrong=mistakes(1, 1), status="failed")
    assert "released-145, seed 7: failed" in topic.section(load(reports)).table.html
