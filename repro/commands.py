"""What each command does: one library call. The only place that joins both halves.

Libraries that are slow to load are imported inside the commands.
"""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from repro.machine.ranks import Ranks, joined
from repro.recipes.presets import find_recipe
from repro.recipes.profiles import Profile, ProfileError, configured, find_profile
from repro.recipes.settings import parse_override, run_name
from repro.runs.folder import reports_root, run_folder

if TYPE_CHECKING:
    from repro.machine.devices import Compute


def run_data(options: argparse.Namespace) -> None:
    """`repro data`."""
    profile = find_profile(options.profile)
    if profile.name == "smoke":
        from repro.data.cifar10.subset import pack_subset

        if options.source:
            raise ProfileError("profile smoke brings its images: leave --source away")
        pack_subset()
    elif profile.name == "cifar10":
        from repro.data.cifar10.fetch import fetch

        fetch(source=options.source)
    else:
        pack_source(profile, options.source)


def pack_source(profile: Profile, source: Path | None) -> None:
    """Pack the user's own photographs; without a source they must be packed already."""
    from repro.data.packs import open_pack
    from repro.data.photographs.packing import pack_photographs

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
    from repro.training.train import train

    train(
        recipe,
        profile,
        name=name,
        seed=options.seed,
        run=options.out or usual,
        compute=_compute(options, options.device, ranks),
        stop_on_plateau=options.stop_on_plateau,
    )


def _compute(options: argparse.Namespace, device: str, ranks: Ranks) -> "Compute":
    """What `train` and `reproduce` compute on."""
    from repro.machine.devices import find_compute

    return find_compute(
        device,
        options.devices,
        precision=options.precision,
        compiled=options.compile,
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
    from repro.experiments.experiments import on_ray, one_after_another, reproduce
    from repro.experiments.session import Session

    engine, device = one_after_another, options.device
    if options.engine == "ray" and ranks.world_size > 1:
        raise ProfileError("--engine ray starts its own processes: leave torchrun away")
    if options.engine == "ray" and options.devices:
        raise ProfileError("--engine ray gives a run one device: leave --devices away")
    if options.engine == "ray":  # which finds the devices of its machines
        engine = partial(on_ray, options.address, options.device, options.workers)
        device = "cpu"
    elif options.address or options.workers:
        raise ProfileError("--address and --workers need --engine ray")
    asked = options.experiments
    experiments = tuple(asked.split(",")) if asked else profile.experiments
    compute = _compute(options, device, ranks)
    session = Session(profile, reports_root(), compute, changes)
    reproduce(session, experiments, engine)


def run_report(options: argparse.Namespace) -> None:
    """`repro report`."""
    if options.profile:
        find_profile(options.profile)
    from analysis.report.builds import build_page

    print(build_page(options.profile))
    if options.profile:
        everything = reports_root() / "index.html"
        print(everything)
        print(
            f"The first page has the runs of {options.profile}; the second, which `repro "
            "report` builds, has those of all profiles and says what was found."
        )


def run_export(options: argparse.Namespace) -> None:
    """`repro export`."""
    from repro.export.export import export
    from repro.machine.devices import find_device

    device = find_device(options.device)
    export(options.folder, device=device, comparison=options.comparison)


def run_ensemble(options: argparse.Namespace) -> None:
    """`repro ensemble`."""
    from repro.export.ensemble import write_ensemble
    from repro.machine.devices import find_device

    device = find_device(options.device)
    print(write_ensemble(options.folders, device=device, name=options.name))


def run_export_onnx(options: argparse.Namespace) -> None:
    """`repro export-onnx`."""
    from repro.weights.onnx_files import export_onnx

    print(export_onnx(options.folder, options.target))


def run_import(options: argparse.Namespace) -> None:
    """`repro import`."""
    from repro.weights.imported import import_weights

    run = import_weights(
        options.file,
        profile=find_profile(options.profile),
        reports=reports_root(),
        classes=options.classes,
        checked=not options.no_canary,
    )
    print(run)


def run_write(options: argparse.Namespace) -> None:
    """`repro write`."""
    from analysis.report.documents import write_documents
    from repro.checks.checks import write_checks
    from repro.networks.architectures import write_architectures
    from repro.recipes.preset_table import preset_table

    writers = {  # the documents are last: they show what the other files say
        "architectures": lambda: [write_architectures()],
        "checks": lambda: [write_checks()],
        "readme": lambda: write_documents({"presets": preset_table()}),
    }
    for what in [options.what] if options.what else writers:
        print(*writers[what](), sep="\n")


def run_doctor(options: argparse.Namespace) -> int:
    """`repro doctor`."""
    from repro.doctor.doctor import doctor

    return doctor(options.profile, hashes=options.hashes)


def run_bench(options: argparse.Namespace) -> None:
    """`repro bench`."""
    from repro.bench.bench import bench
    from repro.bench.measuring import Settings
    from repro.machine.devices import find_device

    settings = Settings(
        find_device(options.device),
        batch=options.batch,
        side=options.side,
        repeats=options.repeats,
        quick=options.quick,
    )
    print(bench(options.what, settings, reports_root()))
