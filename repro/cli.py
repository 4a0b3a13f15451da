"""The command line: its options, its errors in one line, its exit status."""

import argparse
import errno
import os
import select
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from repro import commands
from repro.errors import ReproError, SaidElsewhere
from repro.machine.process import keep_freed_memory
from repro.recipes.presets import RECIPES
from repro.recipes.profiles import PROFILES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. Errors are one line on stderr.

    Where nobody reads on, as behind `| head`, it ends as if by SIGPIPE.
    """
    try:
        try:
            return answered(arguments)
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        if not without_reader():
            raise  # another pipe's: of a process of ours
        return 128 + signal.SIGPIPE


def answered(arguments: Sequence[str] | None) -> int:
    """The exit status of one command, with its errors told."""
    options = parser().parse_args(arguments)
    if not options.command:
        parser().print_help()
        return 0
    keep_freed_memory()
    try:
        return options.run(options) or 0
    except ReproError as error:
        if isinstance(error.__cause__, BrokenPipeError):
            raise error.__cause__ from None
        return failed(error)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        return failed(ReproError(f"{error.filename or 'disk'}: {error.strerror}"))
    except KeyboardInterrupt:
        print("repro: stopped", file=sys.stderr)
        return 128 + signal.SIGINT


def without_reader() -> bool:
    """Whether what is printed has no reader any more; then the rest goes nowhere."""
    found = False
    for stream in (sys.stdout, sys.stderr):
        poll = select.poll()
        poll.register(stream, select.POLLOUT)
        if any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0)):
            found = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return found


def failed(error: ReproError) -> int:
    """Print the one line and return the exit status."""
    if not isinstance(error, SaidElsewhere):
        print(f"repro: {error}", file=sys.stderr)
    return 128 + error.number if hasattr(error, "number") else 1


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(
        prog="repro", description="AlexNet (2012): train it, measure it, report it."
    )
    subparsers = top.add_subparsers(dest="command", metavar="COMMAND")
    profile = argparse.ArgumentParser(add_help=False)
    profile.add_argument(
        "--profile", default="smoke", help=f"one of {', '.join(PROFILES)}"
    )
    settings = argparse.ArgumentParser(add_help=False)
    settings.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="FIELD=VALUE",
        help="change a field of the recipe; may be repeated",
    )
    settings.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    settings.add_argument(
        "--precision",
        default="float32",
        choices=["float32", "bfloat16"],
        help="of the products in a training step",
    )
    settings.add_argument(
        "--devices",
        metavar="A,B",
        help="a device for each tower, as cuda:0,cuda:1, in place of --device",
    )
    settings.add_argument(
        "--compile", action="store_true", help="training steps through torch.compile"
    )

    data = subparsers.add_parser(
        "data", parents=[profile], help="fetch, verify and pack the data of a profile"
    )
    data.add_argument("--source", type=Path, help="files you have: folder or archive")
    data.set_defaults(run=commands.run_data)

    train = subparsers.add_parser(
        "train", parents=[profile, settings], help="train one recipe with one seed"
    )
    train.add_argument("--recipe", required=True, help=f"one of {', '.join(RECIPES)}")
    train.add_argument("--seed", type=seed, default=0)
    train.add_argument("--out", type=Path, help="run folder, if not the usual one")
    train.add_argument(
        "--stop-on-plateau",
        action="store_true",
        help="end a run whose loss stays at ln(classes)",
    )
    train.set_defaults(run=commands.run_train)

    reproduce = subparsers.add_parser(
        "reproduce",
        parents=[profile, settings],
        help="all runs that a profile asks for; skips what is done",
    )
    reproduce.add_argument(
        "--experiments", help="only these, separated by commas (default: all)"
    )
    reproduce.add_argument(
        "--engine",
        default="sequential",
        choices=["sequential", "ray"],
        help="one run after another, or many at once with Ray",
    )
    reproduce.add_argument(
        "--address",
        help="of a Ray cluster, host:port or auto (default: Ray on this machine)",
    )
    reproduce.add_argument(
        "--workers", type=positive, help="with Ray: runs at once, at most"
    )
    reproduce.set_defaults(run=commands.run_reproduce)

    report = subparsers.add_parser("report", help="notebooks, then one HTML page")
    report.add_argument("--profile", help="one profile; default: the page over all")
    report.set_defaults(run=commands.run_report)

    export = subparsers.add_parser(
        "export", help="what analysis needs of a finished run"
    )
    export.add_argument("folder", type=Path, metavar="RUN", help="a run folder")
    export.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    export.add_argument(
        "--comparison",
        action="store_true",
        help="only what comparing runs needs: errors, predictions, layers, kernels, "
        "diagnostics, dropout, disturbed images; no features, neighbours, codes and probe",
    )
    export.set_defaults(run=commands.run_export)

    ensemble = subparsers.add_parser(
        "ensemble", help="errors of finished runs averaged, as section 6 does"
    )
    ensemble.add_argument("folders", type=Path, nargs="+", metavar="RUN")
    ensemble.add_argument("--name", help="of the folder below reports/P/ensembles")
    ensemble.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    ensemble.set_defaults(run=commands.run_ensemble)

    onnx = subparsers.add_parser("export-onnx", help="a finished run as an ONNX file")
    onnx.add_argument("folder", type=Path, metavar="RUN", help="a run folder")
    onnx.add_argument("target", type=Path, metavar="FILE", help="the file to write")
    onnx.set_defaults(run=commands.run_export_onnx)

    weights = subparsers.add_parser(
        "import", parents=[profile], help="weights from elsewhere, as a run folder"
    )
    weights.add_argument(
        "file", type=Path, help="bvlc_alexnet as ONNX, or torchvision's state dict"
    )
    weights.add_argument(
        "--classes", type=Path, help="names of the outputs, one a line"
    )
    weights.add_argument(
        *("--no-label-check", "--no-canary"),  # the second is its old name
        dest="no_canary",
        action="store_true",
        help="do not classify images as a check",
    )
    weights.set_defaults(run=commands.run_import)

    write = subparsers.add_parser(
        "write", help="committed files that follow from the code and the runs"
    )
    files = ["architectures", "checks", "readme"]
    write.add_argument(
        "what",
        nargs="?",
        choices=files,
        help="reports/architectures.csv, reports/checks.csv or README.md and docs/; "
        "default: all three",
    )
    write.set_defaults(run=commands.run_write)

    doctor = subparsers.add_parser(
        "doctor", help="what is here and what would fail later"
    )
    doctor.add_argument("--profile", help="what this profile needs; default: any")
    doctor.add_argument(
        "--hashes", action="store_true", help="read all packed images again"
    )
    doctor.set_defaults(run=commands.run_doctor)

    bench = subparsers.add_parser("bench", help="speed beside peers, as ratios")
    whats = ["step", "profile", "data", "pack", "report"]
    bench.add_argument("what", nargs="?", default="step", choices=whats)
    bench.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    bench.add_argument("--batch", type=int, help="images in a batch")
    bench.add_argument("--side", type=int, help="pixels: 224 or 56")
    bench.add_argument("--repeats", type=int, help="how often each is measured")
    bench.add_argument(
        "--quick", action="store_true", help="only whether it runs; kept in quick/"
    )
    bench.set_defaults(run=commands.run_bench)
    return top


def seed(text: str) -> int:
    """A whole number from 0 up, for argparse."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number from 0 up")
    return int(text)


def positive(text: str) -> int:
    """A whole number from 1 up, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: must be a whole number from 1 up")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
