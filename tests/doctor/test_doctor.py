"""`repro doctor` gives a line per check, and a status that says whether one fails."""

import shutil

import numpy as np
import pytest

from repro.data.packs import pack_folder, write_pack
from repro.doctor import doctor as examination
from repro.doctor.doctor import doctor
from repro.doctor.finding import FAIL, OK, WARN, Finding
from repro.recipes.profiles import PROFILES, ProfileError
from tests.made.tiny_data import CLASSES, write_tiny_data


@pytest.fixture
def data(tmp_path, monkeypatch):
    """Packed tiny data, train and test; nothing else is looked at."""
    root = tmp_path / "data"
    write_tiny_data(root)
    write_test_split(root)
    monkeypatch.setenv("REPRO_DATA", str(root))
    monkeypatch.setenv("REPRO_REPORTS", str(tmp_path / "reports"))
    quick = ("_places", "_packs")
    everything = examination._checks
    monkeypatch.setattr(
        examination,
        "_checks",
        lambda *arguments: [
            check
            for check in everything(*arguments)
            if getattr(check, "func", check).__name__ in quick
        ],
    )
    return root


def write_test_split(root, side=32):
    write_pack(
        "cifar10-subset",
        "test",
        np.zeros((20, side, side, 3), np.uint8),
        np.arange(20) % 10,
        classes=CLASSES,
        source="made for tests",
        resize="none",
        root=root,
    )


def examined(profile, **options):
    lines = []
    status = doctor(profile, lines.append, **options)
    return status, lines


def test_a_finding_is_a_line():
    assert str(Finding(OK, "two cores")) == "ok    two cores"
    assert str(Finding(FAIL, "no disk", "buy one")) == "FAIL  no disk; next: buy one"


def test_where_all_is_well(data, tmp_path):
    status, lines = examined("smoke")
    assert status == 0
    assert "260 train + 20 test images, 10 classes; hashes agree" in lines[2]
    assert lines[-1] == "0 FAIL, 0 warn, 3 ok"
    assert not (tmp_path / "reports").exists()  # looked at, not made


def test_without_a_profile_all_data_sets_are_looked_at(data):
    status, lines = examined(None)
    assert status == 0
    others = [one.dataset for name, one in PROFILES.items() if name != "smoke"]
    assert f"ok    not packed: {', '.join(others)}" in lines[3]


def test_data_that_a_profile_lacks_are_named_with_the_command(data):
    shutil.rmtree(data)
    status, lines = examined("smoke")
    assert status == 0
    assert "warn  not packed: cifar10-subset; next: repro data --profile smoke" in lines
    assert any(line.startswith("warn  not packed") for line in examined(None)[1])


def changed_pixels(data):
    path = pack_folder("cifar10-subset", "train", data) / "images.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def changed_labels(data):
    path = pack_folder("cifar10-subset", "train", data) / "labels.npy"
    labels = np.load(path)
    labels[:2] = labels[1::-1]
    np.save(path, labels)


def half(data):
    shutil.rmtree(pack_folder("cifar10-subset", "test", data))


def another_size(data):
    write_test_split(data, side=16)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (changed_labels, "labels.npy"),
        (half, "cifar10-subset/test is not packed"),
        (another_size, "16 pixels, not of 32"),
    ],
)
def test_damaged_packs_fail(data, spoil, said):
    spoil(data)
    status, lines = examined("smoke")
    assert status == 1
    failed = [line for line in lines if line.startswith("FAIL")]
    assert len(failed) == 1
    assert said in failed[0] and "; next: repro data" in failed[0]
    assert lines[-1].startswith("1 FAIL")


def test_images_are_hashed_when_asked(data):
    changed_pixels(data)
    assert examined("smoke")[0] == 0
    status, lines = examined("smoke", hashes=True)
    assert status == 1
    assert any(line.startswith("FAIL") and "images.npy" in line for line in lines)


def test_a_missing_package_is_a_line_too(monkeypatch):
    def broken():
        yield Finding(WARN, "half a look")
        raise ModuleNotFoundError("No module named 'numpy'")

    monkeypatch.setattr(examination, "_checks", lambda *_: [broken])
    status, lines = examined(None)
    assert status == 1
    assert lines[1].startswith("FAIL") and "No module named 'numpy'" in lines[1]


def test_an_unknown_profile_is_refused():
    with pytest.raises(ProfileError, match="unknown profile 'mnist'"):
        doctor("mnist")
