"""The committed layer lists are those of the live networks."""

from analysis.topics.architecture import layer_lists
from repro.networks import architectures
from repro.networks.architectures import architecture_rows, write_architectures


def test_the_committed_file_is_what_the_networks_say(tmp_path):
    """After a change of layers `repro write architectures` writes it anew."""
    write_architectures(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == architectures.PATH.read_bytes()


def test_analysis_reads_the_same_file_and_the_same_networks():
    assert layer_lists.ARCHITECTURES == architectures.PATH
    assert list(layer_lists.NETWORKS) == list(architectures.architectures())


def test_each_network_sees_its_own_crop_of_256_pixels():
    rows = architecture_rows()
    inputs = {row["recipe"]: row["shape"] for row in rows if row["name"] == "input"}
    assert inputs.pop("caffe") == "3x227x227"
    assert set(inputs.values()) == {"3x224x224"}
