"""The README's numbers are those of the committed runs."""

import pytest

from analysis.evidence import runs as results
from analysis.evidence.runs import ReportError
from analysis.report import network_readme, readme
from analysis.topics.activations import race, tables
from repro.recipes.preset_table import preset_table
from repro.recipes.presets import RECIPES
from repro.recipes.profiles import PROFILES
from repro.runs.folder import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_figure_1_is_what_the_committed_runs_say():
    runs = results.load("cifar10", ROOT / "reports").named(race.RECIPES)
    block = README.split("<!-- figure 1 -->")[1].split("<!-- end of figure 1 -->")[0]
    assert block.strip() == tables.readme(runs).strip()
    for line in block.splitlines():
        if line.startswith("!["):
            assert (ROOT / line.split("](")[1].rstrip(")")).is_file()


def test_the_2012_network_is_what_the_committed_runs_say():
    runs = results.load("tiny-imagenet", ROOT / "reports")
    block = README.split("<!-- released -->")[1].split("<!-- end of released -->")[0]
    assert block.strip() == network_readme.readme(runs).strip()
    for line in block.splitlines():
        if line.startswith("!["):
            assert (ROOT / line.split("](")[1].rstrip(")")).is_file()


def test_the_results_are_what_the_ledger_says():
    """After new evidence `repro write readme` writes the block anew."""
    said = readme.BLOCKS["results"](ROOT / "reports")
    assert readme.block(README, "results").strip() == said


def test_blocks_are_written_in_place(tmp_path, monkeypatch):
    monkeypatch.setattr(readme, "BLOCKS", {"a": str, "b": lambda reports: "new\n"})
    old = "x\n<!-- b -->\nold\n<!-- end of b -->\ny\n<!-- a -->\n<!-- end of a -->\n"
    text = readme.written(old, tmp_path)
    assert text == old.replace("old", "new").replace(
        "a -->\n", f"a -->\n{tmp_path}\n", 1
    )
    assert readme.written(text, tmp_path) == text
    with pytest.raises(ReportError, match="no block between <!-- a --> and <!-- end"):
        readme.written("<!-- b -->\n<!-- end of b -->\n", tmp_path)


def test_the_table_of_presets_is_what_the_presets_say():
    block = README.split("<!-- presets -->")[1].split("<!-- end of presets -->")[0]
    assert block.strip() == preset_table()


def test_names_in_the_readme_exist():
    for name in PROFILES:
        assert f"| `{name}` |" in README
    for name in ("released-145", "paper-text", "caffe", "one-tower", "cifar-18pct"):
        assert name in RECIPES and f"`{name}`" in README
