"""What a number was made with: commit, command, versions, hardware."""

import datetime
import importlib.metadata
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[2]  # of the checkout


def provenance(device: torch.device) -> dict[str, Any]:
    """The part of manifest.json that does not depend on the run."""
    return {
        **commit(),
        "command": command(),
        "versions": versions(),
        "hardware": hardware(device),
    }


def commit(root: Path = ROOT) -> dict[str, Any]:
    """`commit` and `dirty` of the checkout at `root`; None where that is no checkout.

    A copy that lies inside another repository is none. Changed files count as dirty,
    and so do files of the package that git does not know.
    """
    try:
        top = _git(root, "rev-parse", "--show-toplevel")
        if not os.path.samefile(top, root):
            return {"commit": None, "dirty": None}
        head = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
        new = _git(root, "ls-files", "--others", "--exclude-standard", "--", "repro")
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}
    return {"commit": head, "dirty": bool(changed or new)}


def _git(root: Path, *arguments: str) -> str:
    """What git answers; variables that name another repository are left out.

    Git's hooks set some of them. Those of its configuration stay.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    answer = subprocess.run(
        ["git", "-C", str(root), *arguments],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    return answer.stdout.rstrip("\n")


def command() -> str:
    """The command line as one would type it, without folders of this machine."""
    name = Path(sys.argv[0]).name
    words = ["repro" if name == "__main__.py" else name, *sys.argv[1:]]
    return " ".join(Path(word).name if os.path.isabs(word) else word for word in words)


def versions() -> dict[str, str]:
    """Of Python and of what computes."""
    packages = ("torch", "torchvision", "numpy", "pandas", "scikit-image")
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
    }


def hardware(device: torch.device) -> dict[str, Any]:
    """Device, processor and the number of threads, on which exact repeats depend."""
    record = {
        "device": device.type,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "system": f"{platform.system()} {platform.machine()}",
    }
    if device.type == "cuda":
        record["gpu"] = torch.cuda.get_device_name(device)
        record["cuda"] = torch.version.cuda
    return record


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.processor()


def now() -> str:
    """UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
