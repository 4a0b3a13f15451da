"""Two networks averaged from their five most probable classes, by hand."""

import numpy as np
import pytest

from analysis.evidence.runs import ReportError
from analysis.topics.dropout import averaged

LABELS = [0, 0, 0]
FIRST = (
    [[1, 0, 2, 3, 4], [0, 1, 2, 3, 4], [1, 2, 3, 4, 5]],
    [[0.5, 0.375, 0.125, 0, 0], [0.5, 0.25, 0.25, 0, 0], [0.25] * 2 + [0.125] * 3],
)
SECOND = (
    [[0, 1, 2, 3, 4], [1, 0, 2, 3, 4], [0, 2, 3, 4, 5]],
    [[0.5, 0.25, 0.25, 0, 0], [0.875, 0.125, 0, 0, 0], [0.375] + [0.125] * 4],
)


def write(folder, answers, labels=LABELS, classes=6):
    folder.mkdir(exist_ok=True)
    np.savez(
        folder / "predictions.npz",
        labels=np.array(labels, np.uint16),
        class_names=np.array([f"class {number}" for number in range(classes)]),
        classes_10=np.array(answers[0], np.uint16),
        probabilities_10=np.array(answers[1], np.float16),
    )
    return folder


def test_the_larger_sum_wins(tmp_path):
    """0.875 against 0.75; 0.625 against 1.125; 0.125 of the rest + 0.375 against 0.375."""
    one, other = write(tmp_path / "a", FIRST), write(tmp_path / "b", SECOND)
    assert averaged.wrong(one, other).tolist() == [False, True, False]
    assert averaged.wrong(other, one).tolist() == [False, True, False]
    assert averaged.wrong(one, one).tolist() == [True, False, True]


def test_what_is_left_is_shared_by_the_other_classes(tmp_path):
    """0.375 + 0.025 for class 0, 0.25 + 0.125 for class 2: 0.4 against 0.375."""
    one = write(tmp_path / "a", FIRST, classes=10)
    other = write(tmp_path / "b", SECOND, classes=10)
    assert not averaged.wrong(one, other)[2]
    assert averaged.wrong(one, other)[1]


def test_other_images_are_refused(tmp_path):
    one = write(tmp_path / "a", FIRST)
    other = write(tmp_path / "b", SECOND, labels=[0, 0, 1])
    with pytest.raises(ReportError, match="b: not the test images of .*a"):
        averaged.wrong(one, other)


def test_a_file_that_is_none_is_named(tmp_path):
    one = write(tmp_path / "a", FIRST)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "predictions.npz").write_text("no archive")
    with pytest.raises(ReportError, match="b/predictions.npz: not readable"):
        averaged.wrong(one, tmp_path / "b")
