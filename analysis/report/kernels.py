"""The Python processes that run notebooks, several at a time. Slow to import."""

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from weakref import WeakSet

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import ensure_event_loop
from traitlets import Dict
from traitlets.config import Config

from analysis.evidence.runs import ROOT, ReportError

RUNNING: "WeakSet[NotebookKernel]" = WeakSet()
# A socket's path has 103 bytes at most on macOS, 107 on Linux; our names need 32.
LONGEST_PLACE = 64


class NotebookKernel(AsyncKernelManager):
    """This interpreter as a kernel, whatever kernels are installed."""

    variables = Dict(help="added to the environment").tag(config=True)

    @property
    def kernel_spec(self) -> KernelSpec:
        """How to start it."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f"]
        return KernelSpec(argv=[*command, "{connection_file}"], language="python")

    async def start_kernel(self, **options) -> None:
        """Start it in the folder of its own, and remember it for `stop_all`."""
        options["cwd"] = str(Path(self.connection_file).parent)
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


def own_folder() -> tempfile.TemporaryDirectory:
    """A new folder for one kernel, its path short enough for a socket's.

    Raises ReportError where no such folder can be made.
    """
    usual = tempfile.gettempdir()
    for place in (usual, "/tmp", "/var/tmp"):
        if os.name == "nt" or len(os.fsencode(place)) <= LONGEST_PLACE:
            try:
                return tempfile.TemporaryDirectory(
                    prefix="kernel-", dir=place, ignore_cleanup_errors=True
                )
            except OSError:
                continue
    raise ReportError(
        f"{usual}: no folder for the sockets of notebooks; set TMPDIR to one that can "
        f"be written, of at most {LONGEST_PLACE} letters"
    )


def config(reports: Path, folder: Path) -> Config:
    """Settings under which the same inputs give the same outputs, on any machine.

    `folder` is of one kernel alone: by default, two that start at once share sockets.
    The user's settings of IPython and matplotlib are not read: empty ones lie there.
    """
    (folder / "matplotlibrc").touch()
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    variables: Mapping[str, str] = {
        "REPRO_REPORTS": str(reports),
        "PYTHONPATH": path,  # this checkout, also where another one is installed
        "PYTHONHASHSEED": "0",
        "PYTHONSTARTUP": "",
        "IPYTHONDIR": str(folder / "ipython"),
        **dict.fromkeys(threads, "1"),  # sums in one order; cores run notebooks
    }
    # Sockets instead of ports: nothing listens on the network.
    transport = "tcp" if os.name == "nt" else "ipc"
    settings = {"variables": variables, "transport": transport}
    settings["connection_file"] = str(folder / "kernel.json")
    return Config({"NotebookKernel": settings})
