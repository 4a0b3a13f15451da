"""Figure 3 as the reader sees it: tables, sentences, drawings."""

import matplotlib.figure
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from analysis.evidence import runs as results
from analysis.topics.kernels import figure3, figures, tables, words
from analysis.topics.kernels import topic as kernels
from analysis.topics.kernels.learned import commands, read_all
from analysis.topics.kernels.mosaic import scaled
from tests.made.kernels import mixed, specialised, write_kernels


def load(reports, profile="tiny-imagenet"):
    return results.load(profile, reports)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Towers that specialise in every run, and one without them that does not.

    Beside them what must not count: another setting, a run that is not complete, one
    that is not exported.
    """
    reports = tmp_path_factory.mktemp("reports")
    for seed in range(3):
        write_kernels(reports, specialised(swapped=seed == 2), seed=seed)
    write_kernels(reports, mixed(), recipe="R-dense")
    write_kernels(reports, mixed(), setting="width=0.5")
    write_kernels(reports, mixed(), seed=3, status="running")
    write_kernels(reports, mixed(), seed=4, exported=False)
    return load(reports)


@pytest.fixture(scope="module")
def section(runs):
    return kernels.section(runs)


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def shown(runs):
    """The table over the runs of the plain setting."""
    return tables.per_run([one for one in read_all(runs) if not one.setting])


def summary(runs):
    """The sentences of a section, without its drawings."""
    return figure3.summary(runs, shown(runs), commands(runs, read_all(runs)))


def first(runs, recipe="released-145"):
    return next(one for one in read_all(runs) if one.recipe == recipe)


def test_the_table_of_kernels_has_the_initial_values_in_brackets(runs):
    row = words.shown_kernels(shown(runs)).iloc[0]
    assert row[["Run", "Seed", "Kernels"]].tolist() == [
        "released-145",
        "0",
        "12 of 5 × 5",
    ]
    assert row[["Gabor-like", "Colour blobs"]].tolist() == ["6 (0)", "6 (0)"]
    assert row["Colour energy"].startswith("50.0 % (6")


def test_the_table_of_towers_says_which_half_is_gpu_1(runs):
    table = words.shown_towers(shown(runs))
    assert table["GPU 1 is"].tolist()[:3] == ["half 1", "half 1", "half 2"]
    assert table["GPU 1"].tolist() == ["0.0 %"] * 3 + ["50.0 %"]
    assert table["Gap"].tolist() == ["100.0 points"] * 3 + ["0.0 points"]
    assert table["Halves meet in"].tolist() == ["conv3"] * 3 + ["conv2"]


def test_the_table_of_recipes_counts_runs(runs):
    table = words.shown_recipes(shown(runs))
    assert table["Runs above"].tolist() == ["3 of 3", "0 of 1"]
    interval = table[words.INTERVAL]
    assert interval.tolist() == ["29.2 % to 100.0 %", "0.0 % to 97.5 %"]  # 0.025^(1/3)
    assert table["By chance"].tolist() == ["5.0 %"] * 2


def test_the_sentences_carry_the_numbers(runs, section):
    text = section.summary
    assert "tiny train, 1,234 images; weights best.pt; released-145, 3 seeds" in text
    assert "of 12 kernels of 5 × 5, 6 are Gabor-like (0 at the initial values)" in text
    low = shown(runs).query("recipe == 'released-145'")["low_frequency_share"].mean()
    assert f"mean over 12 kernels: {100 * low:.1f} % after training, " in text
    assert "colour energy 0.0 % on GPU 1 and 100.0 % on GPU 2, a gap of 100.0" in text
    assert "in 3 of 3 seeds, 100.0 % (95 % exact interval 29.2 % to 100.0 %)" in text
    assert "GPU 1 is the first half in 2 of 3 seeds." in text
    assert (
        "R-dense: the gap is above the 95th percentile of random splits in 0 of" in text
    )
    assert "minus gap of R-dense: 100.0 points (n = 3 and 1)." in text
    assert (
        "released-145: 3 of 3 above the 95th percentile; the 5.0 % that chance" in text
    )
    assert "gives lie below the 95 % exact interval 29.2 % to 100.0 %" in text
    assert "R-nocomm: not run." in text


def test_seeds_that_are_missing_are_named_with_their_command(section):
    train = "repro train --profile tiny-imagenet --recipe"
    export = "repro export reports/tiny-imagenet/runs/released-145/seed-4"
    assert f"released-145, not run: `{export}` and 1 more" in section.summary
    assert f"<code>{export}</code>" in section.table.html
    assert f"<code>{train} released-145 --seed 3</code>" in section.table.html
    assert f"<code>{train} R-nocomm --seed 2</code>" in section.table.html
    assert f"<code>{train} R-dense --seed 0</code>" not in section.table.html
    assert "released-145, seed 3: running" in section.table.html


def test_runs_of_another_setting_are_in_the_tables_only(section):
    assert "released-145+width=0.5" in section.table.html
    assert "width" not in section.summary
    assert "width=0.5" not in section.figure.html


def test_two_seeds_of_each_give_an_interval(tmp_path):
    for seed in range(2):
        write_kernels(tmp_path, specialised(), seed=seed)
        write_kernels(tmp_path, mixed(), recipe="R-dense", seed=seed)
    text = summary(load(tmp_path))
    expected = (
        r"R-dense: 100.0 points, 95 % interval 100.0 to 100.0 points (n = 2 and 2)"
    )
    assert expected in text


def test_numbers_have_a_unit_and_a_real_minus_sign():
    assert words.percent(0.1234) == "12.3 %"
    assert words.points(-0.307) == "−30.7 points"
    assert words.points(-0.0001) == "0.0 points"
    assert words.percent(float("nan")) == "–"
    assert [words.count(kernels) for kernels in (6, 6.5)] == ["6", "6.5"]


def test_a_mean_has_its_range_where_seeds_differ(tmp_path):
    write_kernels(tmp_path, specialised(), seed=0)
    write_kernels(tmp_path, mixed(), seed=1)
    text = summary(load(tmp_path))
    assert "a gap of 50.0 points (0.0 to 100.0 points)" in text


def test_every_claim_is_answered_without_runs(tmp_path):
    section = kernels.section(load(tmp_path))
    for claim in figure3.CLAIMS:
        assert f"**{claim}**" in section.summary
    assert section.summary.count("--recipe released-145 --seed 0`") == 3
    assert section.summary.count(": not run.") == 3
    assert "<img" not in section.figure.html
    assert section.figure.html.count('class="hole"') == 2
    assert "<table" not in section.table.html


def test_controls_alone_do_not_answer_for_the_released_run(tmp_path):
    write_kernels(tmp_path, specialised(), recipe="R-nocomm")
    section = kernels.section(load(tmp_path))
    assert "R-nocomm: the gap is above" in section.summary
    assert "released-145, not run:" in section.summary
    assert "minus gap" not in section.summary
    assert 'data-name="kernels-R-nocomm"' in section.figure.html
    assert 'data-name="kernels-learned"' not in section.figure.html


def test_the_note_of_a_profile_comes_first(tmp_path):
    note = "smoke: proves the pipeline, not the paper"
    write_kernels(tmp_path, mixed(), profile={"name": "smoke", "note": note})
    section = kernels.section(load(tmp_path, "smoke"))
    assert section.summary.startswith("**Smoke: proves the pipeline, not the paper.**")
    assert section.figure.html.count("Smoke: proves the pipeline") == 2


def test_the_section_has_panels_data_and_provenance(runs, section):
    html = section.figure.html
    names = ["learned", "standardised", "initial", "by-epoch", "R-dense"]
    for name in [*names, "kinds", "null", "gaps"]:
        assert html.count(f'data-name="kernels-{name}"') == 1
    assert html.count("<img alt=") == 8
    assert "After training: 12 first-layer kernels of 5 by 5 pixels of released" in html
    assert "mean colour energy 0.0 % on GPU 1, above, 100.0 % on GPU 2, below." in html
    for name in ("released-145", "measures", "towers-by-epoch"):
        assert f'download="kernels-{name}.csv"' in html
    assert "runs/released-145: seed 0, 1, 2" in html
    assert kernels.section(runs) == section


def frames(ax):
    return [to_hex(p.get_edgecolor()) for p in ax.patches if isinstance(p, Rectangle)]


@pytest.mark.parametrize("swapped", [False, True])
def test_gpu_1_is_framed_above_gpu_2(tmp_path, ax, swapped):
    write_kernels(tmp_path, specialised(swapped=swapped))
    one = first(load(tmp_path))
    figures.plot_kernels(one, one.trained, ax)
    assert frames(ax) == list(figures.TOWERS.values())
    assert [text.get_text() for text in ax.texts] == ["GPU 1", "GPU 2"]
    above, below = (np.array(image.get_array()) for image in ax.images)
    assert above.shape == (7, 6 * 6 + 1, 4)
    grey = scaled(specialised()[:6])  # each half has a contrast of its own
    assert above[1:6, 1:6, :3] == pytest.approx(grey[0].transpose(1, 2, 0), abs=1e-6)
    assert np.ptp(above[..., :3], axis=-1).max() < 1e-6
    assert np.ptp(below[..., :3], axis=-1).max() > 0.5


def test_kernels_that_all_maps_read_have_one_frame(runs, ax):
    one = first(runs, "R-dense")
    figures.plot_kernels(one, one.trained, ax)
    assert frames(ax) == [figures.ONE_TOWER]
    assert len(ax.images) == 1


def test_snapshots_are_rows_of_kernels_by_epoch(runs, ax):
    one = first(runs)
    figures.plot_snapshots(one, ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]
    rows, epochs = figures.FOLLOWED, len(one.epochs)
    for image in ax.images:
        assert image.get_array().shape == (rows * 6 + 1, epochs * 6 + 1, 4)
    picture = np.array(ax.images[0].get_array())
    last = picture[1:6, -6:-1, :3]
    assert np.ptp(last, axis=-1).max() < 1e-6  # the first grey kernel at the end
    start = picture[1:6, 1:6, :3]
    assert np.ptp(start, axis=-1).max() > 0.1


def test_the_null_shows_the_gap_and_its_percentile(runs, ax):
    one = first(runs)
    figures.plot_null(one, ax)
    drawn = sorted(line.get_xdata()[0] for line in ax.lines)
    assert drawn == pytest.approx([100 * one.split.limit, 100 * one.split.gap])
    assert sum(patch.get_height() for patch in ax.patches) == 10_000


def test_a_line_a_run_over_the_percentile(runs, ax):
    epochs = tables.per_epoch([one for one in read_all(runs) if not one.setting])
    figures.plot_gaps(epochs, ax)
    lines = [line for line in ax.lines if len(line.get_xdata()) == 3]
    colours = [figures.RECIPES[name] for name in ["released-145"] * 3 + ["R-dense"]]
    assert [line.get_color() for line in lines] == colours
    expected = (epochs["gap"] / epochs["limit"]).to_numpy().reshape(4, 3)
    assert np.array([line.get_ydata() for line in lines]) == pytest.approx(expected)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["released-145", "R-dense"]
