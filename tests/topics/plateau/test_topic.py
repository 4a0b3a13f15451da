"""The section of the plateau: what counts as not complete."""

from analysis.evidence import runs
from analysis.topics.plateau import topic
from tests.made.training_runs import write_start


def test_a_start_that_diverged_has_ended(tmp_path):
    write_start(tmp_path, signal=0.1, status="failed", stop="diverged")
    write_start(tmp_path, seed=1, signal=0.1, status="running", stop=None)
    html = topic.section(runs.load("tiny-imagenet", tmp_path)).table.html
    assert "1 diverged" in html and "failed" not in html
    assert "seed 1: running" in html
