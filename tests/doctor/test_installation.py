"""What does not fit together is said, with what to do."""

import importlib.metadata
import subprocess
import sys

import pytest
import torch

from repro.doctor import installation
from repro.doctor.finding import FAIL, OK, WARN


def test_here_all_fits():
    found = [*installation.packages(), *installation.torch_pair()]
    assert {finding.level for finding in found} == {OK}


def test_packages_that_do_not_do_are_named(monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name == "seaborn":
            return "0.12.0"
        if name == "papermill":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    _, *bad = installation.packages()
    assert {finding.level for finding in bad} == {FAIL}
    old, absent = sorted(finding.what for finding in bad)[::-1]
    assert "seaborn 0.12.0" in old and "seaborn>=0.13.2" in old
    assert absent.startswith("papermill is not installed")


def test_without_the_project_nothing_is_compared(monkeypatch):
    monkeypatch.setattr(installation, "PROJECT", "not-a-project")
    (finding,) = installation.packages()
    assert finding.level == FAIL and "not-a-project" in finding.what


def test_a_torchvision_of_another_build_is_a_failure(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.ops", None)
    (finding,) = installation.torch_pair()
    assert finding.level == FAIL


@pytest.fixture
def without_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


CARD = ("NVIDIA H200", "550.54.14")


@pytest.mark.parametrize(
    ("build", "cards", "level", "said"),
    [
        ("13.0", [], OK, "no NVIDIA card is visible"),
        ("13.0", [CARD], WARN, "NVIDIA H200 (driver 550.54.14)"),
        ("13.0", [CARD], WARN, "next: a driver from 580 on"),
        ("12.8", [CARD], WARN, "next: see CUDA_VISIBLE_DEVICES"),
        ("13.0", [("a card", "unknown")], WARN, "next: see CUDA_VISIBLE_DEVICES"),
        (None, [CARD], WARN, "built without CUDA, but there is NVIDIA H200"),
        (None, [], OK, "on the CPU"),
    ],
)
def test_a_card_that_torch_does_not_see(
    monkeypatch, without_cuda, build, cards, level, said
):
    monkeypatch.setattr(torch.version, "cuda", build)
    monkeypatch.setattr(installation, "nvidia_cards", lambda: cards)
    (finding,) = installation.gpu()
    assert finding.level == level
    assert said in str(finding)


def test_cards_are_what_nvidia_smi_lists(monkeypatch):
    listed = "NVIDIA H200, 580.65.06\nTesla T4, 16 GB, 580.65.06\n"
    monkeypatch.setattr(installation, "_asked", lambda *command: listed)
    cards = [("NVIDIA H200", "580.65.06"), ("Tesla T4, 16 GB", "580.65.06")]
    assert installation.nvidia_cards() == cards


def listing(command):
    return '{"kernelspecs": {"python3": {"spec": {"argv": ["' + command + '"]}}}}'


@pytest.mark.parametrize(
    ("answer", "level", "said"),
    [
        (listing("python"), OK, "this Python"),
        (listing(sys.executable), OK, "this Python"),
        (listing("/elsewhere/bin/python"), FAIL, "/elsewhere/bin/python"),
        ('{"kernelspecs": {}}', FAIL, "python3"),
        ("", FAIL, "python3"),
    ],
)
def test_the_kernel_is_of_this_python(monkeypatch, answer, level, said):
    monkeypatch.setattr(installation, "_asked", lambda *command: answer)
    (finding,) = installation.kernel()
    assert finding.level == level
    assert said in finding.what


def test_the_kernel_of_this_environment_is_found():
    (finding,) = installation.kernel()
    assert finding.level == OK


def test_programs_are_optional_but_for_git(monkeypatch):
    monkeypatch.setattr(installation.shutil, "which", lambda name: None)
    monkeypatch.setattr(installation.importlib.util, "find_spec", lambda name: None)
    git, *optional = installation.programs()
    assert git.level == WARN and git.step == "install git"
    assert [finding.level for finding in optional] == [OK] * 3
    assert all(
        name in finding.what and "optional" in finding.what
        for name, finding in zip(("npm", "Chromium", "onnx"), optional, strict=True)
    )


def test_a_program_that_hangs_or_fails_says_nothing(monkeypatch):
    assert installation._asked("no such program") == ""
    assert installation._asked(sys.executable, "-c", "raise SystemExit(3)") == ""
    monkeypatch.setattr(installation, "SECONDS", 0.01)
    assert installation._asked(sys.executable, "-c", "while True: pass") == ""


def test_looking_needs_no_slow_library_before_its_turn():
    code = "import sys, repro.doctor.doctor; assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
