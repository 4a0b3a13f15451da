"""Small pictures of exactly what the figures show."""

import numpy as np

from repro.data.packs import open_pack
from repro.export.examples import examples, thumbnail
from tests.made.tiny_finished_run import write_photographs


def test_thumbnails_are_at_most_64_pixels_and_small_images_stay():
    small = np.arange(32 * 32 * 3, dtype=np.uint8).reshape(32, 32, 3)
    assert np.array_equal(thumbnail(small), small)
    assert thumbnail(np.zeros((256, 256, 3), np.uint8)).shape == (64, 64, 3)
    assert thumbnail(np.zeros((100, 200, 3), np.uint8)).shape == (32, 64, 3)
    flat = thumbnail(np.full((256, 256, 3), 77, np.uint8))
    assert (flat == 77).all()


def test_examples_hold_every_image_once(tmp_path):
    names = ("cat", "dog", "ship")
    for split, images in (("train", 40), ("test", 12)):
        write_photographs(
            tmp_path, "photographs", split, images=images, side=8, classes=names
        )
    packs = {
        split: open_pack("photographs", split, tmp_path) for split in ("test", "train")
    }
    columns = np.arange(10)[:, None]
    neighbors = {
        "query_index": np.arange(10),
        "features_index": columns + np.arange(16),
        "pixels_index": columns + np.arange(16) + 2,
    }
    found = examples(packs, neighbors)
    keys = list(zip(found["split"].tolist(), found["index"].tolist(), strict=True))
    assert len(keys) == len(set(keys)) == len(found["images"])
    trained = {("train", row) for row in range(4 + 6 + 2)}  # rows 0-9 and 2-11
    queries = {("test", row) for row in range(5)}
    shown = {("test", row) for row in found["shown_index"].tolist()}
    assert len(shown) == 8
    assert set(keys) == trained | queries | shown
    for (split, row), image, name in zip(
        keys, found["images"], found["class_name"], strict=True
    ):
        assert np.array_equal(image, packs[split].images[row])
        assert name == names[row % 3]
    assert found["label"].tolist() == [row % 3 for _, row in keys]
    assert found["source"] == "made for tests"
