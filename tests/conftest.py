"""Before any test: one thread, on which small tensors are fastest. What several share.

torch is imported by what needs it: half of the tests do without.
"""

import os

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Packed tiny images, training and test; a module may bring others."""
    from tests.made.tiny_finished_run import write_tiny_splits

    root = tmp_path_factory.mktemp("data")
    write_tiny_splits(root)
    return root


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """A complete run on them: copy it before you change it."""
    from tests.made.tiny_finished_run import write_finished_run

    folder = tmp_path_factory.mktemp("trained") / "run"
    write_finished_run(folder, data)
    return folder
