"""Layer lists: read with their sizes, or refused by name."""

import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.evidence.runs import ReportError
from analysis.topics.architecture import layer_lists
from analysis.topics.architecture.layer_lists import (
    COLUMNS,
    NETWORKS,
    read_architectures,
    read_layers,
)
from tests.made.runs import CURVE_TO_5, write_run

HEAD = ",".join(COLUMNS)
INPUT = "input,Input,3x8x8,,,1,0,0,0"
STEM = "conv1,Conv2d,4x6x6,3,1,2,112,144,3888"
LAST = "fc8,Linear,10,,,1,1450,10,1440"


def written(folder, *rows, head=HEAD, name="layers.csv"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *rows]))
    return path


def test_a_shape_becomes_maps_and_side(tmp_path):
    layers = read_layers(written(tmp_path, INPUT, STEM, LAST))
    assert layers[["maps", "side"]].values.tolist() == [[3, 8], [4, 6], [10, 1]]
    assert layers["window"].isna().tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("rows", "head", "message"),
    [
        ([], HEAD.replace("towers,", ""), "layers.csv: columns missing: towers"),
        ([STEM.replace("4x6x6", "4x6x5")], HEAD, "shape '4x6x5': expected maps, or"),
        ([STEM.replace("4x6x6", "wide")], HEAD, "layers.csv: shape 'wide'"),
        ([STEM.replace("3888", "many")], HEAD, r"layers.csv: not readable \("),
    ],
)
def test_a_bad_file_is_named(tmp_path, rows, head, message):
    with pytest.raises(ReportError, match=message):
        read_layers(written(tmp_path, *rows, head=head))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ReportError, match="layers.csv: not readable"):
        read_layers(tmp_path / "layers.csv")
    assert read_architectures(tmp_path / "architectures.csv") == {}


def test_every_network_has_its_own_list(tmp_path):
    rows = [f'"{name}",{row}' for name in NETWORKS for row in (INPUT, LAST)]
    path = written(tmp_path, *rows, head=f"recipe,{HEAD}")
    networks = read_architectures(path)
    assert list(networks) == list(NETWORKS)
    for layers in networks.values():
        assert layers["name"].tolist() == ["input", "fc8"]
        assert layers.index.tolist() == [0, 1]
        assert "recipe" not in layers


def test_a_file_that_lacks_a_network_names_the_command(tmp_path):
    rows = [f'"{name}",{LAST}' for name in NETWORKS if name != "R-half"]
    path = written(tmp_path, *rows, head=f"recipe,{HEAD}")
    with pytest.raises(
        ReportError, match=r"no layers of R-half; .* repro write architectures"
    ):
        read_architectures(path)


def test_the_plainest_exported_run_is_drawn(tmp_path):
    for condition, seed in (("a+width=2", 0), ("a", 3), ("a", 2), ("a", 1)):
        run = write_run(tmp_path, CURVE_TO_5, condition=condition, seed=seed)
        if seed != 1:
            written(run, INPUT, LAST)
    running = write_run(tmp_path, CURVE_TO_5, condition="a", seed=0, status="running")
    written(running, INPUT, LAST)
    run, layers = layer_lists.trained(runs.load("cifar10", tmp_path))
    assert (run.name, run.seed) == ("a+learning_rate=0.01", 2)
    assert isinstance(layers, pd.DataFrame) and len(layers) == 2


def test_no_run_has_exported_its_layers(tmp_path):
    write_run(tmp_path, CURVE_TO_5)
    assert layer_lists.trained(runs.load("cifar10", tmp_path)) is None
