"""A rank's rows see what they would see in the whole batch."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from repro.data.views import Pixels, training_input
from repro.machine import draws
from repro.machine.ranks import Ranks, RanksError, Rows
from repro.networks.layers import MaskDropout
from repro.recipes.recipe import Augmentation
from repro.training.replica import Replica, loss_share, replica

SHARES = [Rows(0, 3, 7), Rows(3, 3, 7), Rows(3, 7, 7)]


@pytest.mark.parametrize("dropout", [MaskDropout(0.4), nn.Dropout(0.4)])
def test_masks_are_those_of_the_whole_batch(dropout):
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(5, 8), dropout, nn.Linear(8, 8), dropout)
    x = torch.randn(7, 5)
    draws.seed_torch(draws.DROPOUT, 1, 2)
    whole = network(x)
    assert 0.3 < (whole == 0).float().mean() < 0.5
    for rows in SHARES:
        draws.seed_torch(draws.DROPOUT, 1, 2)
        part = Replica(network)(x[rows.here], rows)
        torch.testing.assert_close(part, whole[rows.here], rtol=1e-6, atol=1e-7)
    network.eval()
    part = Replica(network)(x[3:], SHARES[2])
    torch.testing.assert_close(part, network(x)[3:])


@pytest.mark.parametrize("crop", ["random", "shared"])
def test_views_are_those_of_the_whole_batch(crop):
    images = torch.randint(0, 256, (40, 8, 8, 3), dtype=torch.uint8)
    augmentation = Augmentation(crop=crop, crop_share=6 / 8)
    pixels = Pixels(torch.zeros(6, 6, 3), torch.ones(3), torch.eye(3))
    options = {"seed": 3, "step": 4}
    whole = training_input(images, augmentation, pixels, **options)
    for rows in (Rows(0, 20, 40), Rows(20, 35, 40), Rows(35, 40, 40)):
        part = training_input(
            images[rows.here], augmentation, pixels, **options, rows=rows
        )
        assert torch.equal(part, whole[rows.here])


def test_the_mean_of_the_shares_is_the_loss():
    """Also where the last of three ranks has no row."""
    logits, labels = torch.randn(7, 4), torch.randint(0, 4, (7,))
    shares = [
        loss_share(logits[rows.here], labels[rows.here], rows, Ranks(k, 3))
        for k, rows in enumerate(SHARES)
    ]
    expected = F.cross_entropy(logits, labels)
    torch.testing.assert_close(torch.stack(shares).mean(), expected)


def test_batch_normalisation_is_refused():
    with pytest.raises(RanksError, match="normaliser='batch' needs the whole batch"):
        replica(nn.Sequential(nn.BatchNorm2d(3)), Ranks(0, 2))
