"""Build the page: run its notebooks side by side, then write what they show.

Nothing is kept from build to build: all notebooks take less than a minute on two
cores, and no answer can be older than its runs.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.evidence.runs import ALL, ReportError, Runs
from analysis.report import built_files, contents, notebooks
from repro.runs.folder import held, reports_root


@dataclass(frozen=True)
class Task:
    """A topic's notebook on its runs."""

    topic: str
    runs: Runs
    notebook: Path
    output: Path  # the executed copy
    parameters: Mapping[str, str]


def build_page(profile: str | None = None, reports: Path | None = None) -> Path:
    """Build the page of `profile`, or the page over all; return its path.

    A notebook that fails is named on the page, the others still run, and ReportError
    is raised once the page is written.
    """
    reports = (reports or reports_root()).resolve()
    folder = reports / profile if profile else reports
    page = folder / built_files.PAGE
    tasks = plan(profile, reports)
    try:
        with _alone(folder):
            failures = _run(tasks, reports)
            files = _laid_out(tasks, failures, profile, reports)
            built_files.replace(folder, files)
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
    return [
        _task(topic, contents.choose(topic, found), folder, profile)
        for topic in contents.TOPICS
    ]


def _task(topic: str, runs: Runs, folder: Path, profile: str | None) -> Task:
    """A topic shows the runs of one profile; its claims are told from those of the page."""
    notebook = notebooks.find(topic)
    parameters = {"profile": runs.profile}
    if topic != contents.LEDGER:
        parameters["ledger"] = profile or ALL
    return Task(topic, runs, notebook, folder / notebook.name, parameters)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises ReportError where another process builds the same page."""
    from filelock import Timeout

    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    try:
        with held(folder / "notebooks" / "report.lock"):
            yield
    except Timeout:
        raise ReportError(
            f"{folder}: another process builds this page; wait for it or stop it"
        ) from None


def _run(tasks: list[Task], reports: Path) -> dict[str, str]:
    """Run notebooks side by side; what went wrong by topic, in their order."""
    import papermill  # noqa: F401  before the threads, which need it at once

    from analysis.report import kernels

    cores = os.cpu_count() or 1
    # Those that read most take longest.
    ordered = sorted(tasks, key=lambda task: len(task.runs.complete), reverse=True)
    with ThreadPoolExecutor(cores) as pool:
        futures = {pool.submit(_execute, task, reports): task for task in ordered}
        try:
            failures = _reported(futures)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            while not all(map(Future.done, futures)):
                kernels.stop_all()
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
        print(f"[{number}/{len(futures)}] {name}: {ended}", file=sys.stderr)
    return failures


def _execute(task: Task, reports: Path) -> float:
    """Run one notebook; the seconds it took."""
    from analysis.report import kernels

    started = time.monotonic()
    try:
        notebooks.execute(
            task.notebook, task.parameters, output=task.output, reports=reports
        )
    finally:
        kernels.close_loop()
    return time.monotonic() - started


def _laid_out(
    tasks: list[Task], failures: Mapping[str, str], profile: str | None, reports: Path
) -> dict[str, bytes]:
    """The page and the files beside it, by path."""
    import nbformat

    from analysis.ledger import rows as all_rows
    from analysis.report import page, page_files

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
    evidence = tuple(contents.known(profile, reports).values())
    rows = []
    if contents.LEDGER in bodies:
        rows = all_rows.rows(evidence if len(evidence) > 1 else evidence[0])
    html = page.render(parts, profile, evidence, rows)
    ledger = json.dumps(all_rows.records(rows), ensure_ascii=False, indent=1)
    return page_files.files(bodies) | {
        built_files.LEDGER: f"{ledger}\n".encode(),
        built_files.PAGE: html.encode(),
    }
