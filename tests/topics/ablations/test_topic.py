"""The ablations as the reader sees them: tables, sentences, drawing."""

import matplotlib.figure
import pytest

from analysis.display import style
from analysis.evidence import runs as results
from analysis.evidence.arms import R0
from analysis.topics.ablations import effects, figures, topic
from analysis.topics.ablations.comparisons import COMPARISONS
from analysis.topics.ablations.tables import missing, next_command, shown, shown_fits
from tests.made.errors import mistakes, write_exported

CURVE = ((4.0, 0.9, 0.9), (2.0, 0.4, 0.5))
OVERFITTED = ((4.0, 0.9, 0.9), (1.0, 0.1, 0.6))
TRAIN = "repro train --profile tiny-imagenet --recipe"


def load(reports):
    return results.load("tiny-imagenet", reports)


def write_arm(reports, name, errors, curve=CURVE, **settings):
    """A recipe with one seed an error, in images of 100."""
    for seed, count in enumerate(errors):
        wrong = mistakes(count + 5, count, count // 2, count // 2)
        settings = {"images": 100, "metrics": curve} | settings
        write_exported(reports, name, seed, wrong=wrong, **settings)


@pytest.fixture
def reports(tmp_path):
    """R0 with three seeds, one variant with three, one with one, all for 9 epochs."""
    write_arm(tmp_path, "released-145+epochs=9", (40, 41, 39))
    write_arm(tmp_path, "R-nolrn+epochs=9", (42, 45, 42), OVERFITTED)
    write_arm(tmp_path, "R-pool2+epochs=9", (44,))
    return tmp_path


def tables(reports):
    runs = load(reports)
    found = effects.effects(runs)
    condition = effects.main_condition(found, runs)
    return runs, found, condition


def test_the_table_has_differences_intervals_and_what_they_cover(reports):
    runs, found, condition = tables(reports)
    frame = shown(found, effects.spread(runs, condition)).set_index("Change")
    lrn, pool = (
        frame.loc[name] for name in ("no normalisation", "pooling without overlap")
    )
    assert lrn["Top-1, points"] == "+3.00 (+0.52 to +5.48)"  # of 2, 4 and 3
    assert lrn["Interval over"] == "3 seeds"
    assert lrn["Paper"] == "+1.4 / +1.2"
    assert lrn["Authors' notes"] == "+1.37 / +1.15"
    assert pool["Top-1, points"].startswith("+4.00 (")
    assert pool["Interval over"] == "images, 1 seed: without seed noise"
    assert lrn["Recipe"] == "R-nolrn+epochs=9"
    # deviations 1 and sqrt(3) of three seeds each: 1.41 points, pooled
    assert lrn["Runs an arm"] == "17"  # 2 (2.8016 x 1.4142 / 1.4)^2 = 16.02
    assert pool["Runs an arm"] == "197"


def test_without_two_seeds_no_number_of_runs_is_computed(tmp_path):
    write_arm(tmp_path, "released-145", (40,))
    write_arm(tmp_path, "R-nolrn", (42,))
    runs, found, condition = tables(tmp_path)
    frame = shown(found, effects.spread(runs, condition))
    assert frame["Runs an arm"].tolist() == [""]


def test_gaps_are_of_the_last_epoch(reports):
    _, found, _ = tables(reports)
    lrn = shown_fits(found).set_index("Change").loc["no normalisation"]
    assert lrn[["Training", "Validation", "Gap", "Reference's gap"]].tolist() == [
        "10.00",
        "60.00",
        "50.00",
        "10.00",
    ]
    assert lrn["Gap, points"] == "+40.00 (+40.00 to +40.00)"
    assert lrn["Seeds"] == "3"
    # both reach a loss of 2: a third of the way to 50 left out of 0
    assert lrn["At equal training loss"].startswith("+23.33 (")


def test_runs_without_validation_images_have_no_gap(tmp_path):
    curve = ((4.0, 0.9, None), (2.0, 0.4, None))
    write_arm(tmp_path, "released-145", (40,), curve)
    write_arm(tmp_path, "R-pool2", (42,), curve)
    _, found, _ = tables(tmp_path)
    row = shown_fits(found).iloc[0]
    assert (row["Training"], row["Gap"], row["Gap, points"]) == ("40.00", "", "")


def test_what_has_not_run_names_its_command(reports):
    runs, found, condition = tables(reports)
    frame = missing(runs, found, condition).set_index("Change")
    assert len(frame) == len(COMPARISONS) - 2
    commands = frame["What has not run"]
    assert commands["no dropout"] == f"{TRAIN} R-nodrop --set epochs=9 --seed 0"
    assert (
        commands["average pooling, no dropout"]
        == f"{TRAIN} R-gap --set epochs=9 --seed 0"
    )
    write_arm(reports, "R-gap+epochs=9", (40,))
    runs, found, condition = tables(reports)
    commands = missing(runs, found, condition).set_index("Change")["What has not run"]
    assert (
        commands["average pooling, no dropout"]
        == f"{TRAIN} R-gap --set dropout=0 --set epochs=9 --seed 0"
    )


def test_the_next_command_is_the_reference_then_the_variant_then_export(tmp_path):
    def command():
        return next_command(load(tmp_path), comparison)

    comparison = next(one for one in COMPARISONS if one.variant.recipe == "R-nolrn")
    assert command() == f"{TRAIN} released-145 --seed 0"
    write_exported(tmp_path, seed=2, wrong=mistakes(5, 4), export={})
    export = "repro export reports/tiny-imagenet/runs"
    assert command() == f"{export}/released-145/seed-2"
    write_exported(tmp_path, seed=2, wrong=mistakes(5, 4))
    assert command() == f"{TRAIN} R-nolrn --seed 2"
    write_exported(tmp_path, "R-nolrn", 2, wrong=mistakes(5, 4), export={})
    assert command() == f"{export}/R-nolrn/seed-2"
    other = {"dataset": "d", "split": "train", "sha256": {"images": "x", "labels": "y"}}
    write_exported(tmp_path, "R-nolrn", 2, wrong=mistakes(5, 4), data=other)
    assert "other training or test images" in command()


def test_other_lengths_have_a_table_of_their_own(reports):
    write_arm(reports, "released-145", (40,))
    write_arm(reports, "R-nolrn", (50,))
    html = topic.section(load(reports)).table.html
    assert html.count("<caption><span>Change of the test error") == 2
    assert "1.41 points, pooled over recipes with 4 degrees" in html
    assert html.index("R-nolrn+epochs=9") < html.index("R-nolrn<")


def test_plot_fills_what_seeds_cover_and_marks_the_paper(reports):
    _, found, _ = tables(reports)
    ax = figures.plot(found, 1, matplotlib.figure.Figure().subplots())
    dots = [line for line in ax.lines if line.get_marker() == "o"]
    places = [float(line.get_xdata()[0]) for line in dots]
    assert places == pytest.approx([3, 4])
    hollow = [line.get_markerfacecolor() == style.PAPER for line in dots]
    assert hollow == [False, True]
    paper = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D"]
    assert paper == [1.4, 0.4]
    intervals = [line for line in ax.lines if len(line.get_xdata()) == 2][:2]
    assert [line.get_linestyle() for line in intervals] == ["-", ":"]
    assert list(intervals[0].get_xdata()) == pytest.approx([0.5159, 5.4841], abs=1e-3)


def test_the_section_has_panels_data_and_provenance(reports):
    section = topic.section(load(reports))
    assert section.figure.html.count("<img alt=") == 2
    assert "no normalisation: +3.00 (+0.52 to +5.48)" in section.figure.html
    assert 'download="ablations.csv"' in section.figure.html
    assert "runs/R-nolrn+epochs=9: seed 0, 1, 2" in section.figure.html
    assert topic.section(load(reports)) == section


def test_a_section_without_runs_names_every_hole(tmp_path):
    section = topic.section(load(tmp_path))
    assert "<img" not in section.figure.html and 'class="hole"' in section.figure.html
    of_r0 = sum(one.reference == R0 for one in COMPARISONS)
    assert section.table.html.count(f"{TRAIN} released-145 --seed 0") == of_r0
    assert f"{len(COMPARISONS)} comparisons not run" in section.table.html


def test_runs_that_are_not_complete_are_named(reports):
    write_exported(reports, "R-bn", wrong=mistakes(1, 1), status="failed")
    assert "R-bn, seed 0: failed" in topic.section(load(reports)).table.html


def test_one_large_effect_leaves_room_for_the_others(tmp_path):
    """40 points of tanh: the axis is linear to 5 points only, where the others are."""
    write_arm(tmp_path, "released-145", (40, 41, 39))
    write_arm(tmp_path, "R-nolrn", (42, 43, 41))
    axes = matplotlib.figure.Figure().subplots(2)
    small = figures.plot(effects.effects(load(tmp_path)), 1, axes[0])
    assert small.get_xscale() == "linear"
    write_arm(tmp_path, "R-tanh", (81, 80, 82))
    both = figures.plot(effects.effects(load(tmp_path)), 1, axes[1])
    assert both.get_xscale() == "symlog"
