"""The processes of one training: which rows of a batch are whose, and how they agree.

Started by torchrun, each on a device of its own; a process that is alone is rank 0 of 1
and needs none of it. What has to be the same everywhere is decided by rank 0, which
also writes all files. torch is imported where there are several.
"""

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from repro.errors import ReproError, SaidElsewhere

if TYPE_CHECKING:
    from torch import Tensor

JOIN = timedelta(seconds=120)  # for all ranks to come
STEP = timedelta(minutes=5)  # for all ranks to reach the same step
ALONE = timedelta(days=7)  # for what rank 0 does alone, as a search for neighbours

Result = TypeVar("Result")


class RanksError(ReproError):
    """Processes that cannot train together, or no longer do."""


@dataclass(frozen=True)
class Rows:
    """The rows `first` to `last`, exclusive, of a global batch of `of` images."""

    first: int
    last: int
    of: int

    @property
    def here(self) -> slice:
        """As an index."""
        return slice(self.first, self.last)


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together."""

    rank: int = 0
    world_size: int = 1
    local_rank: int = 0  # on this machine
    local_world_size: int = 1
    patient: Any = None  # torch's group for what takes rank 0 long

    @property
    def first(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def rows(self, size: int) -> Rows:
        """This rank's rows of a batch of `size`; shares differ by one row at most."""
        first, last = (size * k // self.world_size for k in (self.rank, self.rank + 1))
        return Rows(first, last, size)

    def need_shares(self, batch_size: int) -> None:
        """Raise RanksError where the batch cannot be shared out equally."""
        if batch_size % self.world_size:
            fitting = [k for k in range(1, batch_size + 1) if batch_size % k == 0]
            raise RanksError(
                f"batch_size {batch_size} cannot be shared out equally among "
                f"{self.world_size} processes; start {', '.join(map(str, fitting))}"
            )

    def total(self, part: "Tensor") -> "Tensor":
        """The sum over ranks of a tensor on the training device; changes `part`."""
        if self.world_size > 1:
            import torch.distributed as dist  # here, as in all that follows

            dist.all_reduce(part)
        return part

    def together(self, part: "Tensor", rows: Rows) -> "Tensor":
        """A whole batch, (rows.of, ...), of the ranks' rows of it."""
        if self.world_size == 1:
            return part
        whole = part.new_zeros(rows.of, *part.shape[1:])
        whole[rows.here] = part
        return self.total(whole)

    def most(self, *numbers: int) -> tuple[int, ...]:
        """The largest over ranks, number by number: how all do the same in a step."""
        if self.world_size == 1:
            return numbers
        import torch
        import torch.distributed as dist

        largest = torch.tensor(numbers)  # on the CPU: the device is not waited for
        dist.all_reduce(largest, dist.ReduceOp.MAX)
        return tuple(largest.tolist())

    def by_first(self, action: Callable[[], Result]) -> Result:
        """What `action` returns to rank 0, on all ranks; so with its ReproError."""
        if self.world_size == 1:
            return action()
        import torch.distributed as dist

        answer: list[Any] = [None, None]
        if self.first:
            try:
                answer = [action(), None]
            except ReproError as error:
                answer = [None, (type(error), str(error), vars(error))]
        dist.broadcast_object_list(answer, src=0, group=self.patient)
        if answer[1] is None:
            return answer[0]
        kind, text, attributes = answer[1]
        error = kind.__new__(kind, text)  # not through an __init__ of other arguments
        error.__dict__.update(attributes)
        raise error

    def everywhere(self, action: Callable[[], Result]) -> Result:
        """What `action` returns here; a ReproError on any rank is raised on all."""
        if self.world_size == 1:
            return action()
        result, said = None, None
        try:
            result = action()
        except ReproError as error:
            said = str(error)
        errors = self._gathered(said)
        if set(errors) == {said} and said:  # the same on all
            raise RanksError(said)
        for rank, text in enumerate(errors):
            if text:
                raise RanksError(f"rank {rank} of {self.world_size}: {text}")
        return result

    def same(self, what: str, value: Any) -> None:
        """Raise RanksError on all ranks where one has another value than rank 0."""
        if self.world_size == 1:
            return
        values = self._gathered(value)
        for rank, other in enumerate(values):
            if other != values[0]:
                raise RanksError(
                    f"rank {rank} of {self.world_size} has {what} {other}, rank 0 "
                    f"{values[0]}; all need the same"
                )

    def _gathered(self, value: Any) -> list[Any]:
        import torch.distributed as dist

        values: list[Any] = [None] * self.world_size
        dist.all_gather_object(values, value, group=self.patient)
        return values


ONE = Ranks()


@contextlib.contextmanager
def joined() -> Iterator[Ranks]:
    """The processes that torchrun has started, or this one alone.

    All but the first are silent; of an error one of them tells the user, the others
    raise SaidElsewhere. Raises RanksError where they do not find each other within
    `JOIN`, or one is lost later: what is waited for is bounded by `STEP`.
    """
    if os.environ.get("WORLD_SIZE", "1") == "1":
        yield ONE
        return
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")  # before torch is imported
    here = _environment()
    store = _store(here)
    quiet = contextlib.nullcontext() if here.first else _silence()
    try:
        with quiet, _lost(here):
            ranks = _group(here, store)
            yield ranks
            _leave(ranks)
    except BaseException as error:
        raise _told_once(error, store) from error


def _environment() -> Ranks:
    """What torchrun has set."""
    numbers = []
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"):
        value = os.environ.get(name, "")
        if not value.isdecimal():
            raise RanksError(f"{name}={value!r}: not a number; start with torchrun")
        numbers.append(int(value))
    return Ranks(*numbers)


def _store(here: Ranks) -> Any:
    """Where the ranks leave word for each other; raises RanksError if out of reach."""
    import torch.distributed as dist

    place = ":".join(os.environ.get(f"MASTER_{part}", "?") for part in ("ADDR", "PORT"))
    try:
        store, _, _ = next(dist.rendezvous("env://", timeout=JOIN))
        return store
    except (ValueError, RuntimeError) as error:
        lines = str(error).splitlines() or [type(error).__name__]
        message = (
            f"rank {here.rank} of {here.world_size} on {socket.gethostname()} cannot "
            f"reach {place} within {JOIN.seconds} seconds ({lines[0][:120]})"
        )
        kind = RanksError if here.local_rank == 0 else SaidElsewhere
        raise kind(message) from error


def _group(here: Ranks, store: Any) -> Ranks:
    """torch's process groups: NCCL between CUDA devices, Gloo for all else."""
    import torch
    import torch.distributed as dist

    names = [f"here/{rank}" for rank in range(here.world_size)]
    store.set(names[here.rank], "")
    try:
        store.wait(names, JOIN)
    except RuntimeError as error:
        missing = [k for k, name in enumerate(names) if not store.check([name])]
        raise RanksError(
            f"rank {', '.join(map(str, missing))} of {here.world_size} has not come "
            f"within {JOIN.seconds} seconds"
        ) from error
    cuda = torch.cuda.device_count() and dist.is_nccl_available()
    backend = "cpu:gloo,cuda:nccl" if cuda else "gloo"
    numbers = {"rank": here.rank, "world_size": here.world_size}
    dist.init_process_group(backend, store=store, timeout=STEP, **numbers)
    patient = dist.new_group(backend="gloo", timeout=ALONE)
    return Ranks(*list(vars(here).values())[:4], patient)


def _leave(ranks: Ranks) -> None:
    """Wait for the others, so that nothing they still use is gone."""
    import torch.distributed as dist

    ranks.most(0)
    dist.destroy_process_group()


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        yield


@contextlib.contextmanager
def _lost(here: Ranks) -> Iterator[None]:
    """What torch says of a rank that is gone or late, as one line."""
    import torch.distributed as dist

    try:
        yield
    except RuntimeError as error:
        text = str(error)
        if not isinstance(error, dist.DistError) and "gloo" not in text:
            raise
        raise RanksError(
            f"rank {here.rank} of {here.world_size}: another rank has ended or does not "
            f"answer ({text.splitlines()[0].rpartition(']')[2].strip()[:80]}); the same "
            "command goes on from the last checkpoint"
        ) from error


def _told_once(error: BaseException, store: Any) -> BaseException:
    """The error where nobody has told one yet, else one that stays silent."""
    try:
        first = store.add("told", 1) == 1
    except RuntimeError:  # the rank that kept the store is gone
        first = True
    if first or not isinstance(error, (ReproError, OSError, KeyboardInterrupt)):
        return error
    silent = SaidElsewhere(str(error))
    silent.__dict__.update(vars(error))  # the signal's number
    return silent
