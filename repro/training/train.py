"""Train one recipe with one seed into a run folder; stop, kill and resume at will."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tqdm import tqdm

from repro.data import batches
from repro.data.packs import Pack, open_pack
from repro.machine.devices import Compute, need_precision, set_deterministic
from repro.machine.process import caught
from repro.machine.ranks import Ranks
from repro.networks.two_devices import TwoDevices
from repro.recipes import profiles, settings
from repro.recipes.profiles import Profile
from repro.recipes.recipe import Optimisation, Recipe
from repro.runs import folder, names
from repro.runs.folder import RunError
from repro.training import checkpoints, kernel_snapshots, manifests
from repro.training.checkpoints import Position
from repro.training.epoch import Diverged, interrupted, need_finite, train_one_epoch
from repro.training.metrics import Row, Stop, line, measured_row, never, rows_until
from repro.training.plateau import stalled, warning
from repro.training.prepare import Training, prepare
from repro.training.schedule import rates_at

ENDED = ("complete", "failed")


class Stalled(RunError):
    """The loss stays at ln(classes)."""


def train(
    recipe: Recipe,
    profile: Profile,
    *,
    name: str,
    seed: int,
    run: Path,
    compute: Compute,
    stop: Stop = never,
    stop_on_plateau: bool = False,
    pause: int | None = None,
    data: Path | None = None,
    say: Callable[[str], None] = tqdm.write,
) -> list[Row]:
    """Train to the end, or go on from the last checkpoint; return metrics.csv's rows.

    A complete run is left as it is. `stop` may end the run after an epoch by returning
    the reason, given the rows so far; after epoch `pause` the run is left as an
    interrupted one is, to go on at the next call, and with `stop_on_plateau` so is one
    whose loss stays at ln(classes). A run that has gone beyond `pause`, to whatever
    end, is left as it is and returns its rows up to there. In precision "bfloat16" the
    layers of a training step multiply in it, while weights, update and what is measured
    after an epoch stay float32. With several ranks each takes its rows of every batch,
    and rank 0 alone reads and writes `run`.
    Raises RanksError, TwoDevicesError, CompileError, RunError (folder held, other
    recipe or data there, not writable), PackMissing, DeviceError (a precision the
    device lacks), Diverged (again for a run that has diverged before), Stalled and
    Interrupted; the folder stays resumable after all but Diverged.
    """
    ranks = compute.ranks
    need_precision(compute.device, compute.precision)
    ranks.need_shares(recipe.optimisation.batch_size)
    ended = ranks.by_first(lambda: folder.status(run)) in ENDED
    pack = None if ended else _open(profile, data, ranks)
    with ExitStack() as held, caught() as signal:
        record = {
            "name": name,
            "recipe": settings.as_dict(recipe),
            "profile": profiles.as_dict(profile),
            "seed": seed,
        }
        status = ranks.by_first(lambda: _claimed(run, record, held))
        beyond = ranks.by_first(lambda: pause is not None and _epoch(run) > pause)
        if pack is None or status in ENDED or beyond:
            return ranks.by_first(lambda: _recorded(run, compute.precision, pause, say))
        set_deterministic(compute.deterministic)
        training = prepare(recipe, profile, pack, seed=seed, run=run, compute=compute)
        manifest = ranks.by_first(lambda: manifests.begin(training, pack, say))
        try:
            rows, reason = _epochs(training, stop, stop_on_plateau, pause, signal, say)
        except Diverged as error:
            if ranks.first:
                manifests.end(run, manifest, status="failed", stop=str(error))
            raise _explained(run, str(error)) from error
        if isinstance(training.network, TwoDevices) and training.network.exchange:
            say(f"{run}: {training.network.sentence()}")
            manifest["exchange"] = training.network.exchange
            folder.write_json(run / "manifest.json", manifest)
        if reason and ranks.first:
            manifests.end(run, manifest, status="complete", stop=reason)
        if number := _agreed(signal, ranks):
            raise interrupted(run, int(rows[-1]["step"]), number)
        return rows


def _open(profile: Profile, data: Path | None, ranks: Ranks) -> Pack:
    """The training set, the same on all ranks."""
    pack = ranks.everywhere(lambda: open_pack(profile.dataset, "train", data))
    ranks.same("training images with SHA-256", pack.manifest["images_sha256"])
    return pack


def _claimed(run: Path, record: dict[str, Any], held: ExitStack) -> str:
    """Hold the folder and return its status."""
    held.enter_context(folder.locked(run))
    folder.claim(run, record)
    return folder.status(run)


def _agreed(signal: Callable[[], int | None], ranks: Ranks) -> int:
    """The signal that has come to any rank, or 0."""
    (number,) = ranks.most(signal() or 0)
    return number


def _epoch(run: Path) -> int:
    """The last one in metrics.csv; -1 where nothing has been measured yet."""
    if not (run / "metrics.csv").exists():
        return -1
    return int(folder.read_metrics(run)["epoch"].max())


def _recorded(
    run: Path, precision: str, pause: int | None, say: Callable[[str], None]
) -> list[Row]:
    """The rows, up to `pause`, of a run that has ended or gone beyond it.

    One that failed before it raises what it failed with.
    """
    manifest = folder.read_json(run / "manifest.json")
    manifests.need_same_precision(run, manifest, precision)
    if manifest["status"] == "failed" and (pause is None or _epoch(run) < pause):
        raise _explained(run, manifest["stop"])
    rows = folder.read_metrics(run).to_dict("records")
    if pause is not None and rows[-1]["epoch"] >= pause:
        return [row for row in rows if row["epoch"] <= pause]
    say(f"{run}: complete, nothing to do")
    return rows


def _explained(run: Path, reason: str) -> Diverged:
    return Diverged(f"{run}: {reason}; try a lower learning_rate")


def _epochs(
    training: Training,
    stop: Stop,
    stop_on_plateau: bool,
    pause: int | None,
    signal: Callable[[], int | None],
    say: Callable,
) -> tuple[list[Row], str | None]:
    """Run the epochs that are left; return all rows and why the run ended.

    No reason where it has come to its pause.
    """
    optimisation, ranks = training.recipe.optimisation, training.compute.ranks
    epoch_steps = batches.steps_per_epoch(
        len(training.splits["train"]), optimisation.batch_size
    )
    at = checkpoints.restore(
        training.run, training.network, training.optimizer, say, ranks
    )
    rows = ranks.by_first(lambda: rows_until(training.run, at.step, epoch_steps))
    if not rows:
        first = rates_at(optimisation, 0).weights
        rows = [measured_row(training, epoch=0, rate=first, at=at)]
        _keep(training, rows, at)
    elif at.step:
        say(f"{training.run}: going on from step {at.step}")
    with _progress(training, at) as progress:
        while not (reason := _reason_to_end(rows, optimisation, stop)):
            if pause is not None and rows[-1]["epoch"] >= pause:
                break
            if number := _agreed(signal, ranks):
                raise interrupted(training.run, at.step, number)
            epoch = at.step // epoch_steps
            rates = rates_at(optimisation, epoch, _val_errors(rows))
            train_one_epoch(
                training,
                at,
                (epoch + 1) * epoch_steps,
                rates,
                signal=signal,
                advance=progress.update,
            )
            row = measured_row(training, epoch=epoch + 1, rate=rates.weights, at=at)
            need_finite(row["train_loss"], rates.weights, at.step)
            rows.append(row)
            if ranks.first:
                kernel_snapshots.keep(training.run, training.network, epoch + 1)
            say(line(training.run, row))
            at = Position(step=at.step)
            _keep(training, rows, at)
            if stalled(at.step, row["running_loss"], training.classes):
                if stop_on_plateau:
                    raise Stalled(f"{_plateau(training, row)}; stopped and saved")
                say(_plateau(training, row))
    return rows, reason


def _keep(training: Training, rows: list[Row], at: Position) -> None:
    """Save rows and weights; the rows first, as the checkpoint says which ones count."""
    if not training.compute.ranks.first:
        return
    if "val" in training.splits:
        errors = [row["val_top1_error"] for row in rows]
        if errors[-1] == min(errors):
            checkpoints.save_best(training.run, training.network)
    folder.write_metrics(training.run, rows)
    checkpoints.save(training.run, training.network, training.optimizer, at)


def _progress(training: Training, at: Position) -> tqdm:
    """Images of the whole run, their rate and the time left; silent in a log file."""
    optimisation, images = training.recipe.optimisation, len(training.splits["train"])
    epoch = at.step // batches.steps_per_epoch(images, optimisation.batch_size)
    return tqdm(
        total=optimisation.epochs * images,
        initial=epoch * images + at.images,
        unit=" images",
        desc=f"{training.run.parent.name} {training.run.name}",
        disable=None if training.compute.ranks.first else True,
        leave=False,
    )


def _plateau(training: Training, row: Row) -> str:
    steps, loss = int(row["step"]), row["running_loss"]
    return f"{training.run}: {warning(steps, loss, training.classes, training.recipe)}"


def _reason_to_end(
    rows: list[Row], optimisation: Optimisation, stop: Stop
) -> str | None:
    if rows[-1]["train_top1_error"] <= optimisation.stop_train_error > 0:
        return f"train_top1_error at most {optimisation.stop_train_error:g}"
    done = rows[-1]["epoch"] >= optimisation.epochs
    return stop(rows) or (names.ALL_DONE if done else None)


def _val_errors(rows: list[Row]) -> list[float]:
    """After each epoch; empty where nothing is held out."""
    return [row["val_top1_error"] for row in rows[1:] if "val_top1_error" in row]
