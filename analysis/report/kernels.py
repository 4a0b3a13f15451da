"""The Python processes that run notebooks, several at a time. Slow to import."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from weakref import WeakSet

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from traitlets import Dict
from traitlets.config import Config

from analysis.evidence.runs import ROOT

RUNNING: "WeakSet[NotebookKernel]" = WeakSet()


class NotebookKernel(AsyncKernelManager):
    """This interpreter as a kernel, whatever kernels are installed."""

    variables = Dict(help="added to the environment").tag(config=True)

    @property
    def kernel_spec(self) -> KernelSpec:
        """How to start it."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f"]
        return KernelSpec(argv=[*command, "{connection_file}"], language="python")

    async def start_kernel(self, **options) -> None:
        """Start it, and remember it for `stop_all`."""
        await super().start_kernel(env=os.environ | self.variables, **options)
        RUNNING.add(self)


def stop_all() -> None:
    """End every kernel at once; the threads that wait for them see a dead kernel."""
    for kernel in list(RUNNING):
        process = getattr(kernel.provisioner, "process", None)
        if process:
            process.kill()


def close_loop() -> None:
    """Close the event loop that papermill leaves open in a thread."""
    ensure_event_loop().close()


def config(reports: Path, folder: Path) -> Config:
    """Settings under which the same inputs give the same outputs, on any machine.

    `folder` is of one kernel alone: by default, two that start at once share sockets.
    """
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    variables: Mapping[str, str] = {
        "REPRO_REPORTS": str(reports),
        "PYTHONPATH": path,  # this checkout, also where another one is installed
        "PYTHONHASHSEED": "0",
        **dict.fromkeys(threads, "1"),  # sums in one order; cores run notebooks
    }
    # Sockets instead of ports: nothing listens on the network.
    transport = "tcp" if os.name == "nt" else "ipc"
    settings = {"variables": variables, "transport": transport}
    settings["connection_file"] = str(folder / "kernel.json")
    return Config({"NotebookKernel": settings})
