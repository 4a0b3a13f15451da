"""Build the page: run the notebooks whose inputs changed, then write what they show.

What is slow to import is imported only where something has to be done.
"""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from analysis import built_files, contents, inputs, notebooks
from analysis.inputs import Inputs
from analysis.results import ReportError, Runs
from repro.runs import reports_root

PAGE_CODE = "import analysis.builds, analysis.page, analysis.page_files"


@dataclass(frozen=True)
class Task:
    """A topic's notebook, and why it has to run; no reason where its answer holds."""

    topic: str
    runs: Runs
    notebook: Path
    output: Path  # the executed copy
    inputs: Inputs
    reason: str


def build_page(profile: str | None = None, reports: Path | None = None) -> Path:
    """Bring the page of `profile`, or the page over all, up to date; return its path.

    A notebook that fails is named on the page, the others still run, and ReportError
    is raised once the page is written.
    """
    reports = (reports or reports_root()).resolve()
    folder = reports / profile if profile else reports
    page = folder / built_files.PAGE
    tasks = plan(profile, reports)
    waiting = [task for task in tasks if task.reason]
    if not waiting and built_files.current(folder, _page_inputs(tasks)):
        print("nothing changed since this page was built", file=sys.stderr)
        return page
    try:
        with _alone(folder):
            failures = _run(waiting, reports)
            files = _laid_out(tasks, failures, profile, reports)
            made_from = {} if failures else _page_inputs(tasks)
            built_files.replace(folder, made_from, files)
    except OSError as error:
        raise ReportError(f"{page}: cannot be written ({error.strerror})") from error
    if failures:
        raise ReportError(f"{page}: incomplete: " + "; ".join(failures.values()))
    return page


def plan(profile: str | None, reports: Path) -> list[Task]:
    """The notebooks of a page in its order.

    Raises ReportError for an unknown profile and for a run that cannot be read.
    """
    found = contents.known(profile, reports)
    folder = (reports / profile if profile else reports) / "notebooks"
    hashed = cache(inputs.digest)  # most files are read by several topics
    return [
        _task(topic, contents.choose(topic, found), folder, reports, hashed)
        for topic in contents.TOPICS
    ]


def _task(
    topic: str, runs: Runs, folder: Path, reports: Path, hashed: Callable[[Path], str]
) -> Task:
    notebook = notebooks.find(topic)
    evidence = contents.evidence(topic, runs, reports)
    now = inputs.of_notebook(
        notebook, _parameters(runs), evidence, reports, hashed=hashed
    )
    output = folder / notebook.name
    return Task(topic, runs, notebook, output, now, inputs.changed(now, output))


def _parameters(runs: Runs) -> dict[str, str]:
    return {"profile": runs.profile}


def _page_inputs(tasks: list[Task]) -> Inputs:
    """What decides the page: every input of its notebooks, their answers, its code."""
    answers = {
        task.topic: f"{_digest(task.inputs)} {inputs.digest(task.output)}"
        for task in tasks
    }
    return {**inputs.versions(), **inputs.of_code([PAGE_CODE]), **answers}


def _digest(record: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises ReportError where another process builds the same page."""
    from filelock import FileLock, Timeout

    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "notebooks" / "report.lock", timeout=0):
            yield
    except Timeout:
        raise ReportError(
            f"{folder}: another process builds this page; wait for it or stop it"
        ) from None


def _run(tasks: list[Task], reports: Path) -> dict[str, str]:
    """Run notebooks side by side; what went wrong by topic, in their order."""
    if not tasks:
        return {}
    import papermill  # noqa: F401  before the threads, which need it at once

    from analysis import notebook_kernels

    cores = os.cpu_count() or 1
    # Those that read most take longest.
    ordered = sorted(tasks, key=lambda task: len(task.inputs), reverse=True)
    with ThreadPoolExecutor(cores) as pool:
        futures = {pool.submit(_execute, task, reports): task for task in ordered}
        try:
            failures = _reported(futures)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(map(Future.done, futures)):
                notebook_kernels.stop_all()
                time.sleep(0.1)
            raise
    return {t.topic: failures[t.topic] for t in tasks if t.topic in failures}


def _reported(futures: Mapping[Future, Task]) -> dict[str, str]:
    failures = {}
    for number, future in enumerate(as_completed(futures), start=1):
        task = futures[future]
        try:
            ended = f"{future.result():.1f} s"
        except ReportError as error:
            failures[task.topic] = str(error)
            ended = "failed"
        name = task.notebook.name
        print(
            f"[{number}/{len(futures)}] {name}: {ended} ({task.reason})",
            file=sys.stderr,
        )
    return failures


def _execute(task: Task, reports: Path) -> float:
    """Run one notebook; the seconds it took. Only a whole answer is recorded."""
    from analysis import notebook_kernels

    started = time.monotonic()
    inputs.stamp_of(task.output).unlink(missing_ok=True)
    given = _parameters(task.runs)
    try:
        notebooks.execute(task.notebook, given, output=task.output, reports=reports)
    finally:
        notebook_kernels.close_loop()
    inputs.record(task.inputs, task.output)
    return time.monotonic() - started


def _laid_out(
    tasks: list[Task], failures: Mapping[str, str], profile: str | None, reports: Path
) -> dict[str, bytes]:
    """The page and the files beside it, by path."""
    import nbformat

    from analysis import page, page_files

    bodies = {
        task.topic: page.body(nbformat.read(task.output, as_version=4), task.topic)
        for task in tasks
        if task.topic not in failures
    }
    parts = [
        page.Part(
            task.topic,
            task.runs.profile,
            len(task.runs.complete),
            page_files.without_pixels(bodies.get(task.topic, "")),
            failures.get(task.topic, "").replace(str(reports), "reports"),
        )
        for task in tasks
    ]
    evidence = list(contents.known(profile, reports).values())
    html = page.render(parts, profile, evidence)
    return page_files.files(bodies) | {built_files.PAGE: html.encode()}
