"""Training and validation errors of a run, on curves with known crossings."""

import math

import pandas as pd
import pytest

from analysis.evidence import fit


def metrics(*rows):
    """Rows of training loss, training error, validation error, from epoch 0 on."""
    columns = ["train_loss", "train_top1_error", "val_top1_error"]
    return pd.DataFrame(rows, columns=columns).assign(epoch=range(len(rows)))


CURVE = metrics((4, 0.9, 0.9), (3, 0.6, 0.7), (2, 0.4, 0.6), (1, 0.2, 0.65))


def test_the_last_epoch():
    found = fit.last(CURVE)
    assert found["gap"] == pytest.approx(0.45)
    assert (found["train_error"], found["val_error"]) == (0.2, 0.65)
    assert found["early_loss"] == 2  # epochs 1 to 3


def test_early_are_the_first_five_epochs_without_that_before_training():
    rows = [(100, 1, 1), *[(epoch, 0.5, 0.5) for epoch in range(1, 9)]]
    assert fit.last(metrics(*rows))["early_loss"] == 3


def test_the_gap_at_a_loss_is_interpolated():
    assert fit.gap_at_loss(CURVE, 1.5) == pytest.approx((0.2 + 0.45) / 2)
    assert math.isnan(fit.gap_at_loss(CURVE, 0.5))


def test_the_common_loss_is_the_lowest_that_both_reach():
    shorter = CURVE.iloc[:3]
    assert fit.common_loss(CURVE, shorter) == 2
    assert fit.gap_at_loss(CURVE, 2) == pytest.approx(0.2)


def test_without_validation_images_there_is_no_gap():
    found = fit.last(CURVE.assign(val_top1_error=math.nan))
    assert found["train_error"] == 0.2 and math.isnan(found["gap"])
