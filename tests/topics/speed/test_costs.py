"""Hours and dollars from known speeds."""

import pandas as pd
import pytest

from analysis.topics.speed import costs
from analysis.topics.speed.costs import Assumptions

PASSES = 90 * 1_281_167


def test_hours_and_dollars_by_hand():
    """At PASSES / 36,000 images a second it takes 36,000 seconds: ten hours."""
    assumed = Assumptions(dollars=3.0, efficiency=0.5)
    one, eight, many = costs.costs({1: PASSES / 36_000, 8: PASSES / 3_600}, assumed)
    assert (one["hours"], one["dollars"]) == pytest.approx((10, 30))
    assert (eight["hours"], eight["dollars"]) == pytest.approx((1, 24))
    assert many["measured_on"] == 8
    assert many["hours"] == pytest.approx(1 / 4)  # 8 times the GPUs, half of it lost
    assert many["dollars"] == pytest.approx(64 / 4 * 3)


def test_nothing_measured_is_said_and_nothing_is_predicted_from_more_gpus():
    table = costs.shown({})
    assert table["Speed"].tolist() == ["not measured"] * 3
    assert set(table["Hours"]) | set(table["US dollars"]) == {""}
    speeds = costs.shown({8: 1000.0})["Speed"].tolist()
    assert speeds == ["not measured", "measured", "from 8 GPUs, assumed"]


def test_only_the_whole_network_at_224_pixels_on_gpus_counts():
    rows = [
        (1, "a", 224, 1.0, 100.0),
        (1, "a", 224, 1.0, 300.0),
        (1, "b", 224, 1.0, 150.0),
        (8, "8 × a", 224, 1.0, 900.0),
        (2, "2 × a", 56, 1.0, 5000.0),
        (4, "4 × a", 224, 0.5, 6000.0),
        (0, "a processor", 224, 1.0, 7.0),
    ]
    columns = ["gpus", "hardware", "side", "width", "images_per_second"]
    speeds = pd.DataFrame(rows, columns=columns)
    assert costs.gpu_speeds(speeds) == {1: 200.0, 8: 900.0}


def test_the_caption_states_what_is_assumed():
    words = costs.caption(Assumptions(dollars=1.5, efficiency=0.75))
    assert "1.5 US dollars a GPU and hour, 75 % efficiency" in words
    assert "90 epochs of 1,281,167 images" in words and "not trained" in words
