"""Disturbed views pixel by pixel, and errors that can be counted by hand."""

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from repro.data.batches import Split
from repro.data.views import Pixels
from repro.export.disturbed import (
    AXES,
    DEVIATIONS,
    FACTORS,
    NONE,
    SCALED,
    SHARES,
    SHIFT,
    disturbances,
    disturbed_rows,
    lit,
    moved,
)
from repro.recipes.recipe import Augmentation
from repro.trained.classifier import Classifier

CPU = torch.device("cpu")
SIDE, SIZE = 16, 14  # the margin around the centre view is one pixel
CROPPED = Augmentation(crop_share=SIZE / SIDE)
# Blue varies most, then red: standard deviations 30, 20 and 10 of 255.
COVARIANCE = np.diag([400.0, 100.0, 900.0])
DOWN, UP, RIGHT, LEFT = map(torch.tensor, ([0], [1], [2], [3]))  # turns


def classifier(network=None, mean=7.0):
    pixels = Pixels(torch.full((SIZE, SIZE, 3), mean), torch.ones(3), torch.zeros(3, 3))
    return Classifier(network or nn.Sequential(), CROPPED, pixels)


def spot(row, column):
    """One black image, green at one place."""
    image = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    image[0, row, column, 1] = 200
    return image


def places(view):
    """Where the view is green."""
    return (view[0, ..., 1] == 200).nonzero().tolist()


@pytest.mark.parametrize(
    ("turn", "place"),
    [(DOWN, [8, 4]), (UP, [4, 4]), (RIGHT, [6, 6]), (LEFT, [6, 2])],
)
def test_the_image_moves_by_its_share_of_the_side(turn, place):
    """Row 7, column 5 is 6, 4 in the centre view; an eighth of 16 pixels is 2."""
    one = classifier()
    assert places(moved(one, spot(7, 5), turn, share=0)) == [[6, 4]]
    assert places(moved(one, spot(7, 5), turn, share=1 / 8)) == [place]


def test_the_margin_moves_in_and_beyond_it_is_the_mean_image():
    one = classifier(mean=7.0)
    view = moved(one, spot(0, 5), DOWN, share=1 / 8)
    assert places(view) == [[1, 4]]  # the margin's one row, below a row of no image
    assert (view[0, 0] == 7).all() and (view[0, 1:] != 7).all()
    assert (one.pixels.scale(view)[0, :, 0] == 0).all()
    up = moved(one, spot(0, 5), UP, share=1 / 8)
    assert (up[0, 13] == 7).all() and (up[0, 12] != 7).all()
    quarter = moved(one, spot(7, 5), LEFT, share=1 / 4)
    outside = (quarter[0] == 7).all(-1).all(0).nonzero().ravel().tolist()
    assert outside == [11, 12, 13]  # four to the left, one of them in the margin


def test_within_the_margin_nothing_is_made_up():
    view = moved(classifier(), spot(0, 0), DOWN, share=1 / 16)
    assert (view[0] != 7).all()
    assert places(view) == []  # column 0 stays in the margin
    assert places(moved(classifier(), spot(0, 1), DOWN, share=1 / 16)) == [[0, 0]]


def test_images_of_one_batch_move_each_in_its_direction():
    images = spot(7, 5).repeat(4, 1, 1, 1)
    views = moved(classifier(), images, torch.tensor([3, 0, 2, 5]), share=1 / 8)
    found = [places(view[None])[0] for view in views]
    assert found == [[6, 2], [8, 4], [6, 6], [4, 4]]


def test_light_is_added_along_the_principal_colours():
    """0.1 standard deviations are 3 of blue, 2 of red, 1 of green; six of them."""
    named = {(each.name, each.amount): each for each in disturbances(COVARIANCE)}
    images = torch.full((2, SIDE, SIDE, 3), 250, dtype=torch.uint8)
    turns = torch.tensor([4, 1])
    for axis, (channel, size) in zip(AXES, ((2, 3), (0, 2), (1, 1)), strict=True):
        view = named[axis, 6.0].view(classifier(), images, turns)
        change = view - 250
        assert change.shape == (2, SIZE, SIZE, 3)
        expected = torch.zeros(2, 3)
        expected[:, channel] = torch.tensor([6.0, -6.0]) * size
        # of an axis without red the sign is the library's
        given = change[:, 0, 0] * (1 if channel == 0 else change[0, 0, 0].sum().sign())
        torch.testing.assert_close(given, expected)
        assert (change == change[:, :1, :1]).all()


def test_up_is_towards_red():
    """The covariance of one colour, (-1, 2, 0), as numpy may turn it either way."""
    colour = np.array([-1.0, 2.0, 0.0])
    (first,) = [
        each
        for each in disturbances(100 * np.outer(colour, colour))
        if (each.name, each.amount) == (AXES[0], 3.0)
    ]
    image = torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8)
    view = first.view(classifier(), image, torch.tensor([0]))
    torch.testing.assert_close(view[0, 0, 0], torch.tensor([3.0, -6.0, 0.0]))


def test_scaled_light_multiplies_or_divides():
    image = torch.full((2, SIDE, SIDE, 3), 240, dtype=torch.uint8)
    view = lit(classifier(), image, torch.tensor([0, 1]), factor=1.5)
    torch.testing.assert_close(view[:, 0, 0, 0], torch.tensor([360.0, 160.0]))


class Brightness(nn.Module):
    """Class 1 where the mean of a view (B, 3, size, size) lies above 100 + 7."""

    def forward(self, images):
        grey = images.mean((1, 2, 3))
        return torch.stack([torch.zeros_like(grey), grey - 93], dim=1)


def counted(greys, labels):
    """By (disturbance, amount), the rows of grey images."""
    images = np.repeat(np.uint8(greys), SIDE * SIDE * 3).reshape(-1, SIDE, SIDE, 3)
    split = Split(images, np.array(labels), np.arange(len(images)))
    network = nn.Sequential(OrderedDict(fc1=Brightness()))
    rows = disturbed_rows(classifier(network), split, COVARIANCE, CPU)
    return {(row["disturbance"], row["amount"]): row for row in rows}


def test_errors_by_hand():
    """Grey 90 is of class 0 and 120 of class 1, as the network says from 100 on.

    Times 1.25 a 90 is 112.5, divided by it a 120 is 96: of either half are turned.
    Light along blue adds 3 x 6 / 3 = 6 to the mean, too little for a mistake.
    """
    found = counted([90, 120] * 200, [0, 1] * 200)
    assert found[NONE, 0.0]["top1_error"] == 0
    assert 0.4 < found[SCALED, 1.25]["top1_error"] < 0.6
    assert found[AXES[0], 6.0]["top1_error"] == 0
    assert {row["n"] for row in found.values()} == {400}
    assert {row["top5_error"] for row in found.values()} == {0.0}
    # a quarter of 16 pixels: 3 of 14 rows are the mean image, 7
    grey = (11 * 120 + 3 * 7) / 14
    assert grey < 100 and found[SHIFT, 0.25]["top1_error"] == 0.5
    assert (11 * 130 + 3 * 7) / 14 > 100
    assert counted([130] * 8, [1] * 8)[SHIFT, 0.25]["top1_error"] == 0


def test_half_of_the_images_get_more_light_and_a_quarter_goes_each_way():
    """Of 90s, those that get more light are seen as class 1: exactly half."""
    found = counted([90] * 400, [0] * 400)
    assert found[SCALED, 1.25]["top1_error"] == 0.5
    dark = counted([105] * 400, [1] * 400)[AXES[0], 6.0]
    assert dark["top1_error"] == 0.5  # 105 - 6 = 99


def test_every_amount_has_its_row():
    found = counted([90], [0])
    wanted = [(NONE, 0.0)] + [(SHIFT, share) for share in SHARES]
    wanted += [(axis, amount) for axis in AXES for amount in DEVIATIONS]
    assert list(found) == wanted + [(SCALED, factor) for factor in FACTORS]


def test_a_network_without_margin_sees_moved_images_too():
    whole = Augmentation(crop="whole")
    pixels = Pixels(torch.zeros(SIDE, SIDE, 3), torch.ones(3), torch.zeros(3, 3))
    one = Classifier(nn.Sequential(), whole, pixels)
    view = moved(one, spot(7, 5), DOWN, share=1 / 8)
    assert places(view) == [[9, 5]] and view.shape == (1, SIDE, SIDE, 3)
