"""Another error, another loss and another update rule than the paper's are caught."""

import torch

from repro.checks import training


def test_another_count_of_wrong_images_is_caught(monkeypatch):
    wrong = training.wrong
    monkeypatch.setattr(training, "wrong", lambda x, y, k: wrong(x, y, k + 1))
    assert training.wrong_images().measured > 10


def test_ties_decided_the_other_way_are_caught(monkeypatch):
    def later_first(logits, labels, k):
        own = logits.gather(1, labels[:, None])
        later = torch.arange(logits.shape[1]) > labels[:, None]
        return (((logits > own) | (logits == own) & later).sum(1) >= k).sum()

    monkeypatch.setattr(training, "wrong", later_first)
    assert training.wrong_images().measured > 10


def test_another_loss_is_caught(monkeypatch):
    ours = torch.nn.functional.cross_entropy

    def smoothed(logits, labels):
        return ours(logits, labels, label_smoothing=0.01)

    monkeypatch.setattr("repro.training.replica.F.cross_entropy", smoothed)
    assert not training.training_loss().agrees


def test_torchs_own_rule_is_caught(monkeypatch):
    """With the rate outside the velocity it is the same until the first drop."""
    ours = training.set_rates

    def outside(optimizer, rates, *, in_velocity):
        ours(optimizer, rates, in_velocity=False)

    monkeypatch.setattr(training, "set_rates", outside)
    assert not training.update_rule().agrees
    monkeypatch.setattr(training, "EPOCHS", 2)
    assert training.update_rule().agrees
