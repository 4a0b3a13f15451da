"""What the topic of dropout offers to the ledger."""

from analysis.claims import claims
from analysis.evidence import runs
from analysis.topics.dropout import topic
from tests.made.training_runs import write_training
from tests.made.transfer import write_removed


def test_the_topic_measures_training_and_test(tmp_path):
    for name in ("released-145", "R-nodrop"):
        for seed in (0, 1):
            run = write_training(tmp_path, name, seed)
            write_removed(run, tested=0.2, removed=0.3)
    found = topic.measured(runs.load("tiny-imagenet", tmp_path))
    assert found.keys() == {"S4.2e", "S4.2f", "S4.2g"}
    for claim in claims.load():
        known = {quantity.name for quantity in claim.quantities}
        assert {each.quantity for each in found.get(claim.id, ())} <= known


def test_without_runs_the_section_is_a_hole(tmp_path):
    section = topic.section(runs.load("tiny-imagenet", tmp_path))
    assert "repro train --profile tiny-imagenet" in section.table.html
