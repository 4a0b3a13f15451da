"""The section on kernels: what is shown of which runs, and what is missing."""

import pytest

from analysis.evidence import runs as results
from analysis.topics.kernels import topic
from tests.made.kernels import mixed, specialised, write_comparison, write_kernels


def load(reports, profile="tiny-imagenet"):
    return results.load(profile, reports)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The comparison, and runs that must not count.

    They are of another setting, unfinished, or not exported.
    """
    reports = tmp_path_factory.mktemp("reports")
    write_comparison(reports)
    write_kernels(reports, mixed(), setting="width=0.5")
    write_kernels(reports, mixed(), seed=3, status="running")
    write_kernels(reports, mixed(), seed=4, exported=False)
    return load(reports)


@pytest.fixture(scope="module")
def section(runs):
    return topic.section(runs)


def test_seeds_that_are_missing_are_named_with_their_command(section):
    html = section.table.html
    train = "repro train --profile tiny-imagenet --recipe"
    export = "repro export reports/tiny-imagenet/runs/released-145/seed-4"
    assert f"<code>{export}</code>" in html
    assert f"<code>{train} released-145 --seed 3</code>" in html
    assert f"<code>{train} R-nocomm --seed 2</code>" in html
    assert f"<code>{train} R-dense --seed 0</code>" not in html
    assert "released-145, seed 3: running" in html


def test_runs_of_another_setting_are_in_the_tables_only(section):
    assert "released-145+width=0.5" in section.table.html
    assert "width=0.5" not in section.figure.html


def test_without_runs_two_holes_take_the_place_of_figures(tmp_path):
    section = topic.section(load(tmp_path))
    assert "--recipe released-145 --seed 0</code>" in section.table.html
    assert "<img" not in section.figure.html
    assert section.figure.html.count('class="hole"') == 2
    assert "<table" not in section.table.html


def test_controls_are_drawn_without_the_released_run(tmp_path):
    write_kernels(tmp_path, specialised(), recipe="R-nocomm")
    html = topic.section(load(tmp_path)).figure.html
    assert 'data-name="kernels-R-nocomm"' in html
    assert 'data-name="kernels-learned"' not in html


def test_the_note_of_a_profile_comes_first(tmp_path):
    note = "smoke: proves the pipeline, not the paper"
    write_kernels(tmp_path, mixed(), profile={"name": "smoke", "note": note})
    section = topic.section(load(tmp_path, "smoke"))
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
    assert topic.section(runs) == section
