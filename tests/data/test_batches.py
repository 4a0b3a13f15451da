"""Training order, gathering, and the thread that works ahead."""

import itertools
import threading
import time

import numpy as np
import pytest
import torch

from repro.data.batches import Split, ahead, in_order, kept_on, steps_per_epoch

CPU = torch.device("cpu")


def split(size=10):
    images = np.arange(size, dtype=np.uint8)[:, None, None, None] * np.ones(
        (1, 2, 2, 3), np.uint8
    )
    return Split(images, np.arange(size) * 10, np.arange(size))


def values(steps, seed=0, size=10, batch_size=4):
    loader = in_order(
        split(size), batch_size=batch_size, seed=seed, steps=steps, device=CPU
    )
    return [labels.tolist() for _, labels in loader]


def flat(batches):
    return sorted(itertools.chain.from_iterable(batches))


def test_an_epoch_visits_every_image_once_and_its_last_batch_is_short():
    batches = values(range(3))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert flat(batches) == [10 * k for k in range(10)]
    assert steps_per_epoch(10, 4) == 3 and steps_per_epoch(8, 4) == 2


def test_epochs_and_seeds_have_their_own_order():
    first, second = values(range(3)), values(range(3, 6))
    assert flat(second) == flat(first)
    assert first != second
    assert values(range(3), seed=1) != first


def test_starting_in_the_middle_gives_the_same_batches():
    assert values(range(9))[4:] == values(range(4, 9))


def test_images_belong_to_their_labels_and_indices_restrict_the_split():
    part = Split(split().images, split().labels, np.array([3, 5, 7]))
    loader = in_order(part, batch_size=2, seed=0, steps=range(2), device=CPU)
    seen = []
    for images, labels in loader:
        assert images.dtype == torch.uint8
        assert torch.equal(images[:, 0, 0, 0].long() * 10, labels)
        seen += labels.tolist()
    assert sorted(seen) == [30, 50, 70]


def test_a_split_held_as_tensors_gathers_the_same():
    arrays = split()
    tensors = Split(
        torch.from_numpy(arrays.images), torch.from_numpy(arrays.labels), arrays.indices
    )
    for a, b in zip(
        arrays.gather(np.array([2, 0]), CPU),
        tensors.gather(np.array([2, 0]), CPU),
        strict=True,
    ):
        assert torch.equal(a, b)
    assert kept_on(CPU, arrays) is arrays


def test_an_error_in_the_thread_reaches_the_reader():
    def items():
        yield 1
        raise OSError("disk gone")

    reader = ahead(items())
    assert next(reader) == 1
    with pytest.raises(OSError, match="disk gone"):
        next(reader)


def test_leaving_early_ends_the_thread_and_it_never_runs_far_ahead():
    made = []

    def items():
        for k in range(1000):
            made.append(k)
            yield k

    before = threading.active_count()
    reader = ahead(items(), depth=2)
    assert next(reader) == 0
    time.sleep(0.3)
    assert len(made) <= 5  # one read, two ready, one in hand
    reader.close()
    assert threading.active_count() == before
