"""The command line: parse, then one library call. The only place that joins both halves.

Libraries that are slow to load are imported inside the commands.
"""

import argparse
import errno
import signal
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from repro.allocator import keep_freed_memory
from repro.errors import ReproError, SaidElsewhere
from repro.overrides import parse_override, run_name
from repro.presets import RECIPES, find_recipe
from repro.profiles import (
    PROFILES,
    Profile,
    ProfileError,
    configured,
    find_profile,
)
from repro.ranks import Ranks, joined
from repro.runs import reports_root, run_folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status. Errors are one line on stderr."""
    options = parser().parse_args(arguments)
    if not options.command:
        parser().print_help()
        return 0
    keep_freed_memory()
    try:
        return options.run(options) or 0
    except ReproError as error:
        return failed(error)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        return failed(ReproError(f"{error.filename or 'disk'}: {error.strerror}"))
    except KeyboardInterrupt:
        print("repro: stopped", file=sys.stderr)
        return 128 + signal.SIGINT


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
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
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

    data = commands.add_parser(
        "data", parents=[profile], help="fetch, verify and pack the data of a profile"
    )
    data.add_argument("--source", type=Path, help="files you have: folder or archive")
    data.set_defaults(run=run_data)

    train = commands.add_parser(
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
    train.add_argument(
        "--devices",
        metavar="A,B",
        help="a device for each tower, as cuda:0,cuda:1, in place of --device",
    )
    train.add_argument(
        "--compile", action="store_true", help="training steps through torch.compile"
    )
    train.set_defaults(run=run_train)

    reproduce = commands.add_parser(
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
    reproduce.set_defaults(run=run_reproduce)

    report = commands.add_parser("report", help="notebooks, then one HTML page")
    report.add_argument("--profile", help="one profile; default: the page over all")
    report.set_defaults(run=run_report)

    export = commands.add_parser("export", help="what analysis needs of a finished run")
    export.add_argument("folder", type=Path, metavar="RUN", help="a run folder")
    export.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    export.add_argument(
        "--comparison",
        action="store_true",
        help="only what comparing runs needs: errors, predictions, layers, kernels, "
        "diagnostics, dropout, disturbed images; no features, neighbours, codes and probe",
    )
    export.set_defaults(run=run_export)

    ensemble = commands.add_parser(
        "ensemble", help="errors of finished runs averaged, as section 6 does"
    )
    ensemble.add_argument("folders", type=Path, nargs="+", metavar="RUN")
    ensemble.add_argument("--name", help="of the folder below reports/P/ensembles")
    ensemble.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    ensemble.set_defaults(run=run_ensemble)

    onnx = commands.add_parser("export-onnx", help="a finished run as an ONNX file")
    onnx.add_argument("folder", type=Path, metavar="RUN", help="a run folder")
    onnx.add_argument("target", type=Path, metavar="FILE", help="the file to write")
    onnx.set_defaults(run=run_export_onnx)

    weights = commands.add_parser(
        "import", parents=[profile], help="weights from elsewhere, as a run folder"
    )
    weights.add_argument(
        "file", type=Path, help="bvlc_alexnet as ONNX, or torchvision's state dict"
    )
    weights.add_argument(
        "--classes", type=Path, help="names of the outputs, one a line"
    )
    weights.add_argument(
        "--no-canary", action="store_true", help="do not classify images as a check"
    )
    weights.set_defaults(run=run_import)

    doctor = commands.add_parser(
        "doctor", help="what is here and what would fail later"
    )
    doctor.add_argument("--profile", help="what this profile needs; default: any")
    doctor.add_argument(
        "--hashes", action="store_true", help="read all packed images again"
    )
    doctor.set_defaults(run=run_doctor)

    bench = commands.add_parser("bench", help="speed beside peers, as ratios")
    whats = ["step", "profile", "data", "pack", "report"]
    bench.add_argument("what", nargs="?", default="step", choices=whats)
    bench.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:k")
    bench.add_argument("--batch", type=int, help="images in a batch")
    bench.add_argument("--side", type=int, help="pixels: 224 or 56 for step")
    bench.add_argument("--repeats", type=int, help="how often each is measured")
    bench.add_argument(
        "--quick", action="store_true", help="only whether it runs; kept in quick/"
    )
    bench.set_defaults(run=run_bench)
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


def run_data(options: argparse.Namespace) -> None:
    """`repro data`."""
    profile = find_profile(options.profile)
    if profile.name == "smoke":
        from repro.subset import pack_subset

        if options.source:
            raise ProfileError("profile smoke brings its images: leave --source away")
        pack_subset()
    elif profile.name == "cifar10":
        from repro.cifar10 import fetch

        fetch(source=options.source)
    else:
        pack_source(profile, options.source)


def pack_source(profile: Profile, source: Path | None) -> None:
    """Pack the user's own photographs; without a source they must be packed already."""
    from repro.packing import pack_photographs
    from repro.packs import open_pack

    if source:
        pack_photographs(profile.dataset, source, profile.side)
        return
    for split in ("train", "test"):
        pack = open_pack(profile.dataset, split)
        print(f"{pack.folder}: {len(pack.labels)} images, {len(pack.classes)} classes")


def run_train(options: argparse.Namespace) -> None:
    """`repro train`, alone or as one of torchrun's processes."""
    with joined() as ranks:
        train_one(options, ranks)


def train_one(options: argparse.Namespace, ranks: Ranks) -> None:
    """One run."""
    profile = find_profile(options.profile)
    changes = dict(map(parse_override, options.set))
    recipe = configured(find_recipe(options.recipe), profile, changes)
    name = run_name(options.recipe, changes)
    usual = run_folder(reports_root(), profile.name, name, options.seed)
    from repro.devices import own_device, two_devices
    from repro.train import train

    if options.devices:
        device, second = two_devices(options.devices, ranks)
    else:
        device, second = own_device(options.device, ranks), None
    train(
        recipe,
        profile,
        name=name,
        seed=options.seed,
        run=options.out or usual,
        device=device,
        second=second,
        precision=options.precision,
        stop_on_plateau=options.stop_on_plateau,
        compile_steps=options.compile,
        ranks=ranks,
    )


def run_reproduce(options: argparse.Namespace) -> None:
    """`repro reproduce`, alone or as one of torchrun's processes."""
    with joined() as ranks:
        reproduce_all(options, ranks)


def reproduce_all(options: argparse.Namespace, ranks: Ranks) -> None:
    """The runs of a profile."""
    profile = find_profile(options.profile)
    changes = dict(map(parse_override, options.set))
    from repro.devices import own_device
    from repro.engines import on_ray, one_after_another
    from repro.experiments import reproduce
    from repro.laboratory import Laboratory

    engine, device = one_after_another, options.device
    if options.engine == "ray" and ranks.world_size > 1:
        raise ProfileError("--engine ray starts its own processes: leave torchrun away")
    if options.engine == "ray":  # which finds the devices of its machines
        engine = partial(on_ray, options.address, options.device, options.workers)
        device = "cpu"
    elif options.address or options.workers:
        raise ProfileError("--address and --workers need --engine ray")
    asked = options.experiments
    experiments = tuple(asked.split(",")) if asked else profile.experiments
    laboratory = Laboratory(
        profile,
        reports_root(),
        own_device(device, ranks),
        changes,
        precision=options.precision,
        ranks=ranks,
    )
    reproduce(laboratory, experiments, engine)


def run_report(options: argparse.Namespace) -> None:
    """`repro report`."""
    if options.profile:
        find_profile(options.profile)
    from analysis.builds import build_page

    print(build_page(options.profile))


def run_export(options: argparse.Namespace) -> None:
    """`repro export`."""
    from repro.devices import find_device
    from repro.export import export

    device = find_device(options.device)
    export(options.folder, device=device, comparison=options.comparison)


def run_ensemble(options: argparse.Namespace) -> None:
    """`repro ensemble`."""
    from repro.devices import find_device
    from repro.ensemble import write_ensemble

    device = find_device(options.device)
    print(write_ensemble(options.folders, device=device, name=options.name))


def run_export_onnx(options: argparse.Namespace) -> None:
    """`repro export-onnx`."""
    from repro.onnx_files import export_onnx

    print(export_onnx(options.folder, options.target))


def run_import(options: argparse.Namespace) -> None:
    """`repro import`."""
    from repro.imported import import_weights

    run = import_weights(
        options.file,
        profile=find_profile(options.profile),
        reports=reports_root(),
        classes=options.classes,
        canary=not options.no_canary,
    )
    print(run)


def run_doctor(options: argparse.Namespace) -> int:
    """`repro doctor`."""
    from repro.doctor import doctor

    return doctor(options.profile, hashes=options.hashes)


def run_bench(options: argparse.Namespace) -> None:
    """`repro bench`."""
    from repro.bench import bench
    from repro.bench_tables import Settings
    from repro.devices import find_device

    settings = Settings(
        find_device(options.device),
        batch=options.batch,
        side=options.side,
        repeats=options.repeats,
        quick=options.quick,
    )
    print(bench(options.what, settings, reports_root()))


if __name__ == "__main__":
    sys.exit(main())
