"""Figure 2 and the counts as the reader sees them."""

import pytest

from analysis.evidence import runs as results
from analysis.topics.architecture import layer_lists, topic
from analysis.topics.architecture.layer_lists import read_architectures
from tests.made.runs import CURVE_TO_5, write_run


@pytest.fixture(scope="module")
def networks():
    return read_architectures()


def run_with_layers(reports, **changes):
    """A run that trained the 2012 network, with its layers exported."""
    run = write_run(reports, CURVE_TO_5, condition="released-145", **changes)
    layers = read_architectures()["R-dense"]
    layers.to_csv(run / "layers.csv", index=False)
    return run


def test_the_table_has_shares_halves_and_sums(networks):
    shown = topic.shown_counts(networks["released-145"])
    assert shown["Layer"].tolist()[-2:] == ["fc8", "sum"]
    second = shown.iloc[1]
    assert second.tolist() == [
        *("conv2", "27×27×256", "27×27×128", "307,456 (0.50 %)"),
        *("223,948,800 (30.91 %)", "186,624", "111,974,400"),
    ]
    assert shown.iloc[-1].tolist() == [
        *("sum", "", "", "60,965,224 (100.00 %)"),
        *("724,406,816 (100.00 %)", "659,272", "362,203,408"),
    ]


def testprinted_neurons_stand_beside_those_counted(networks):
    shown = topic.shown_counts(networks["released-145"], topic.printed_neurons())
    printed = shown.set_index("Layer")["Neurons in figure 2's caption"]
    hidden = 253_440 + 186_624 + 64_896 + 64_896 + 43_264 + 4096 + 4096
    assert printed[["conv1", "sum"]].tolist() == ["253,440", f"{hidden + 1000:,}"]


def test_one_tower_has_no_columns_per_gpu(networks):
    shown = topic.shown_counts(networks["R-dense"])
    assert not [name for name in shown.columns if "GPU" in name]


def test_networks_are_compared_with_the_2012_network(networks):
    shown = topic.shown_networks(networks).set_index("Recipe")
    assert shown.loc["released-145", ["Difference", "Ratio"]].tolist() == ["0", "1.000"]
    assert shown.loc["R-noc5", "Difference"] == "+18,431,744"
    assert shown.loc["R-6conv", "Difference"] == "+590,080"
    assert shown.loc["R-nofc7", "Difference"] == "−16,781,312"
    assert shown.loc["R-dense", "Ratio"] == "1.567"
    assert shown.loc["caffe", "Input"] == "227×227"


def test_without_runs_the_paper_is_counted_and_the_run_is_a_hole(tmp_path):
    section = topic.section(results.load("smoke", tmp_path))
    assert section.figure.html.count("<img alt=") == 2
    assert "60,965,224" in section.table.html
    assert "repro train --profile smoke --recipe released-145" in section.figure.html
    assert 'download="architecture-networks.csv"' in section.figure.html


def test_the_trained_network_is_drawn_beside_the_papers(tmp_path):
    run_with_layers(tmp_path, profile={"note": "proves little"})
    runs = results.load("cifar10", tmp_path)
    section = topic.section(runs)
    assert section.figure.html.count("<img alt=") == 4
    assert 'class="hole"' not in section.figure.html
    assert "Proves little. The network trained on cifar10" in section.figure.html
    assert "0123456789abcdef" in section.figure.html
    assert "62,378,344" in section.table.html.partition("<details>")[2]
    assert topic.section(runs) == section


def test_a_run_that_has_not_exported_names_its_export(tmp_path):
    run = write_run(tmp_path, CURVE_TO_5, condition="released-145", seed=4)
    section = topic.section(results.load("cifar10", tmp_path))
    folder = f"reports/cifar10/runs/{run.parent.name}/seed-4"
    assert f"<code>repro export {folder}</code>" in section.figure.html
    assert section.figure.html.count("<img alt=") == 2


def test_runs_of_other_recipes_and_unfinished_ones_are_not_drawn(tmp_path):
    layers = run_with_layers(tmp_path, status="running") / "layers.csv"
    other = write_run(tmp_path, CURVE_TO_5, condition="R-dense")
    (other / "layers.csv").write_bytes(layers.read_bytes())
    section = topic.section(results.load("cifar10", tmp_path))
    assert section.figure.html.count("<img alt=") == 2
    assert "released-145+learning_rate=0.01, seed 1: running" in section.table.html


def test_without_the_file_every_part_names_the_command(tmp_path, monkeypatch):
    monkeypatch.setattr(layer_lists, "read_architectures", dict)
    section = topic.section(results.load("smoke", tmp_path))
    for part in (section.table.html, section.figure.html):
        assert "<code>repro write architectures</code>" in part
    assert "<img" not in section.figure.html
