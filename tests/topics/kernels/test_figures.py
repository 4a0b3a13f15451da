"""Pictures of kernels pixel by pixel, and what the drawings of runs hold."""

import matplotlib.figure
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from analysis.evidence import runs as results
from analysis.topics.kernels import figures, tables
from analysis.topics.kernels.figures import columns, mosaic, scaled
from analysis.topics.kernels.learned import DENSE, RELEASED, read_all
from tests.made.kernels import specialised, write_comparison, write_kernels


def filled(*values):
    """Kernels of 2 x 2 pixels, each of one value."""
    return np.array([np.full((3, 2, 2), value) for value in values], float)


def test_kernels_share_their_contrast():
    assert scaled(filled(-1, 0, 3))[:, 0, 0, 0].tolist() == [0, 0.25, 1]


def test_standardised_kernels_all_have_full_contrast():
    ramp = np.linspace(-1, 1, 12).reshape(1, 3, 2, 2)
    kernels = np.concatenate([ramp, 0.01 * ramp + 5])
    found = scaled(kernels, each=True)
    assert found[0] == pytest.approx(found[1])
    assert (found.min(), found.max()) == (0, 1)


def test_kernels_without_contrast_are_black():
    assert not scaled(filled(2, 2)).any()
    assert not scaled(filled(1, 2), each=True).any()


@pytest.mark.parametrize(
    ("count", "across"),
    [(96, 16), (48, 16), (24, 12), (12, 12), (20, 10), (6, 6), (37, 16), (1, 1)],
)
def test_rows_are_full_where_that_is_possible(count, across):
    assert columns(count) == across


def test_kernels_lie_in_rows_between_black_lines():
    kernels = filled(0.2, 0.4, 0.6)
    kernels[1, :, 0, 1] = (1, 0.5, 0)
    picture = mosaic(kernels, 2)
    assert picture.shape == (7, 7, 4)
    assert picture[1, 1].tolist() == [0.2, 0.2, 0.2, 1]
    assert picture[1, 5].tolist() == [1, 0.5, 0, 1]  # first row, second column
    assert picture[4, 1].tolist() == [0.6, 0.6, 0.6, 1]
    for line in (picture[0], picture[3], picture[:, 0], picture[:, 3]):
        assert not line[:, :3].any()
    assert picture[0, :, 3].all()


def test_cells_without_a_kernel_are_transparent():
    picture = mosaic(filled(0.2, 0.4, 0.6), 2)
    assert not picture[4:, 4:].any()
    assert picture[4:, :4, 3].all()


@pytest.fixture(scope="module")
def learned(tmp_path_factory):
    reports = tmp_path_factory.mktemp("reports")
    write_comparison(reports)
    return read_all(results.load("tiny-imagenet", reports))


@pytest.fixture
def ax():
    return matplotlib.figure.Figure().subplots()


def frames(ax):
    return [to_hex(p.get_edgecolor()) for p in ax.patches if isinstance(p, Rectangle)]


@pytest.mark.parametrize("swapped", [False, True])
def test_gpu_1_is_framed_above_gpu_2(tmp_path, ax, swapped):
    write_kernels(tmp_path, specialised(swapped=swapped))
    (one,) = read_all(results.load("tiny-imagenet", tmp_path))
    figures.plot_kernels(one, one.trained, ax)
    assert frames(ax) == list(figures.GPUS.values())
    assert [text.get_text() for text in ax.texts] == ["GPU 1", "GPU 2"]
    above, below = (np.array(image.get_array()) for image in ax.images)
    assert above.shape == (7, 6 * 6 + 1, 4)
    grey = scaled(specialised()[:6])  # each half has a contrast of its own
    assert above[1:6, 1:6, :3] == pytest.approx(grey[0].transpose(1, 2, 0), abs=1e-6)
    assert np.ptp(above[..., :3], axis=-1).max() < 1e-6
    assert np.ptp(below[..., :3], axis=-1).max() > 0.5


def test_kernels_that_all_maps_read_have_one_frame(learned, ax):
    one = learned[-1]
    figures.plot_kernels(one, one.trained, ax)
    assert frames(ax) == list(figures.ONE_TOWER.values())
    assert len(ax.images) == 1


def test_snapshots_are_rows_of_kernels_by_epoch(learned, ax):
    one = learned[0]
    figures.plot_snapshots(one, ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2"]
    rows, epochs = figures.FOLLOWED, len(one.epochs)
    for image in ax.images:
        assert image.get_array().shape == (rows * 6 + 1, epochs * 6 + 1, 4)
    picture = np.array(ax.images[0].get_array())
    last = picture[1:6, -6:-1, :3]
    assert np.ptp(last, axis=-1).max() < 1e-6  # the first grey kernel at the end
    start = picture[1:6, 1:6, :3]
    assert np.ptp(start, axis=-1).max() > 0.1


def test_the_null_shows_the_gap_and_its_percentile(learned, ax):
    one = learned[0]
    figures.plot_null(one, ax)
    drawn = sorted(line.get_xdata()[0] for line in ax.lines)
    assert drawn == pytest.approx([100 * one.split.limit, 100 * one.split.gap])
    assert sum(patch.get_height() for patch in ax.patches) == 10_000


def test_a_line_a_run_over_the_percentile(learned, ax):
    epochs = tables.per_epoch(learned)
    figures.plot_gaps(epochs, ax)
    lines = [line for line in ax.lines if len(line.get_xdata()) == 3]
    colours = [figures.RECIPES[name] for name in [RELEASED] * 3 + [DENSE]]
    assert [line.get_color() for line in lines] == colours
    expected = (epochs["gap"] / epochs["limit"]).to_numpy().reshape(4, 3)
    assert np.array([line.get_ydata() for line in lines]) == pytest.approx(expected)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["released-145", "R-dense"]
