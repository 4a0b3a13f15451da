"""Figure 2 follows the layer list: where lanes meet, what stands in it, legibly."""

import itertools

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from analysis.display import style
from analysis.topics.architecture import figures
from analysis.topics.architecture.figures import LANE
from analysis.topics.architecture.layer_lists import read_architectures


@pytest.fixture
def layers():
    return read_architectures()["released-145"]


def reaching(layers):
    """Stage and the arrows that reach it."""
    table = figures.columns(layers)
    rows = [row for _, row in table.iterrows()]
    return {
        row["name"]: figures.arrows(source, row)
        for source, row in itertools.pairwise(rows)
    }


OWN = [(LANE, LANE, False), (-LANE, -LANE, False)]
BOTH = [
    (LANE, LANE, False),
    (LANE, -LANE, True),
    (-LANE, LANE, True),
    (-LANE, -LANE, False),
]


def test_the_gpus_meet_where_the_list_says(layers):
    found = reaching(layers)
    assert found["conv1"] == [(0, LANE, False), (0, -LANE, False)]
    for name in ("conv2", "conv4", "conv5"):
        assert found[name] == OWN
    for name in ("conv3", "fc6", "fc7"):
        assert found[name] == BOTH
    assert found["fc8"] == [(LANE, 0, True), (-LANE, 0, True)]


def test_other_towers_are_drawn_otherwise(layers):
    layers.loc[layers["name"] == "conv3", "towers"] = 2
    layers.loc[layers["name"] == "conv4", "towers"] = 1
    found = reaching(layers)
    assert (found["conv3"], found["conv4"]) == (OWN, BOTH)


def test_one_tower_is_one_lane():
    found = reaching(read_architectures()["R-dense"])
    assert {tuple(pairs) for pairs in found.values()} == {((0, 0, False),)}


def test_boxes_are_split_but_for_input_and_classes(layers):
    table = figures.columns(layers).set_index("name")
    assert table["boxes"].tolist() == [1, *[2] * 7, 1]
    assert figures.size(table.loc["conv1"]) == "55×55\n×48"
    assert figures.size(table.loc["fc6"]) == "2,048"
    assert figures.kernel(table.loc["conv2"]) == "5×5×48\nstride 1"
    assert figures.kernel(table.loc["fc6"]) == "9,216\ninputs"


def test_a_last_layer_that_is_split_reads_both_lanes(layers):
    layers.loc[layers["name"] == "fc8", "towers"] = 2
    assert reaching(layers)["fc8"] == [(LANE, 0, False), (-LANE, 0, False)]


def drawn(layers, half):
    """One panel, drawn as it is published."""
    table = figures.columns(layers)
    middle = len(table) // 2
    shown = range(middle) if half == 0 else range(middle, len(table))
    with matplotlib.rc_context(style.THEME):
        figure = Figure(figsize=figures.SIZE, layout="constrained")
        ax = figures.plot(table, shown, figure.subplots())
        FigureCanvasAgg(figure).draw()
    return figure, ax


@pytest.mark.parametrize(("half", "crossing"), [(0, 2), (1, 6)])
def test_the_arrows_between_gpus_have_their_own_colour(layers, half, crossing):
    _, ax = drawn(layers, half)
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    colours = [to_hex(arrow.get_edgecolor()) for arrow in arrows]
    assert colours.count(figures.EXCHANGE) == crossing
    assert colours.count(style.INK) == len(arrows) - crossing


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("name", ["released-145", "R-dense", "R-6conv", "caffe"])
def test_texts_are_legible_apart_and_inside(name, half):
    figure, ax = drawn(read_architectures()[name], half)
    texts = [text for text in ax.texts if text.get_text()]
    texts += ax.get_legend().get_texts()
    assert all(text.get_fontsize() >= figures.TEXT for text in texts)
    boxes = [(text.get_text(), text.get_window_extent()) for text in texts]
    for (one, first), (other, second) in itertools.combinations(boxes, 2):
        assert not first.overlaps(second), f"{one!r} over {other!r}"
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        assert box.x0 >= 0 and box.y0 >= 0, text
        assert box.x1 <= width and box.y1 <= height, text


def test_sizes_and_kernels_stand_in_the_drawing(layers):
    said = [
        text.get_text().replace("\n", " ")
        for half in (0, 1)
        for text in drawn(layers, half)[1].texts
    ]
    assert said.count("55×55 ×48") == said.count("27×27 ×128") == 2  # one a GPU
    assert said.count("13×13 ×192") == 4 and said.count("2,048") == 4
    assert said.count("224×224 ×3") == said.count("1,000") == 1
    assert said.count("11×11×3 stride 4") == said.count("3×3×256 stride 1") == 1
    assert said.count("9,216 inputs") == 1
    assert [said.count(letter) for letter in "NPD"] == [6, 6, 4]
    assert said.count("GPU 1") == said.count("GPU 2") == 2


def test_the_panels_say_in_words_what_they_show(layers):
    first, second = figures.panels(layers, "name", "A network")
    assert (first.name, second.name) == ("name-first", "name-second")
    conv1 = first.alt.split("; ")[1]
    assert conv1.startswith(
        "conv1: 48 maps of 55×55 on each of 2 GPUs, kernels 11×11×3"
    )
    assert conv1.endswith("then normalisation, then pooling")
    again, _ = figures.panels(layers, "name", "A network")
    assert first.drawing == again.drawing
