"""A page of a few topics, of runs whose class names try to break it, without kernels."""

import importlib
from pathlib import Path

import nbformat
import numpy as np
from nbformat.v4 import new_output

from analysis.evidence import runs as results
from analysis.ledger import rows as all_rows
from analysis.ledger import topic as ledger
from analysis.ledger.told import told
from analysis.report import contents, notebooks, page, page_files
from analysis.report.page import Part
from tests.made import figure4 as fake_figure4
from tests.made.figure4 import write_exported
from tests.made.runs import CURVE_TO_5, write_race, write_run

MARKUP, QUOTES = "<script>alert(1)</script>", "\"quoted' & $\\frac{"
ARABIC, OVERRIDE, CHINESE = "قطة صغيرة", "\u202egnp.exe", "猫科动物"
LONG = "endless" * 40
NAMES = (MARKUP, QUOTES, ARABIC, OVERRIDE, CHINESE, LONG)
TOPICS = ("activations", "predictions", "neighbors", "ledger")
PROFILE = "cifar10"


def write_hostile_page(reports: Path) -> Path:
    """Write runs and their page under `reports`; return the path of the page."""
    write_race(reports)
    write_run(reports, CURVE_TO_5, seed=9, status="running")
    labels = fake_figure4.examples()["label"]
    write_exported(
        reports,
        class_names=np.array(NAMES),
        class_name=np.array([NAMES[label] for label in labels]),
    )
    parts = [_part(topic, reports) for topic in TOPICS]
    runs = results.load(PROFILE, reports)
    html = page.render(parts, PROFILE, [runs], all_rows.rows(runs))
    path = reports / PROFILE / "index.html"
    path.write_text(html, encoding="utf-8")
    return path


def _part(topic: str, reports: Path) -> Part:
    """What the topic's notebook shows, as its module says it."""
    runs = results.load(PROFILE, reports)
    if topic == contents.LEDGER:
        section = ledger.section(runs)
    else:
        module = importlib.import_module(f"analysis.topics.{topic}.topic")
        section = module.section(runs)
    shown = {
        "section.table": section.table,
        "section.first": section.first,
        f'told("{topic}", ledger)': told(topic, PROFILE, reports),
        "section.rest": section.rest,
    }
    notebook = nbformat.read(notebooks.find(topic), as_version=4)
    for cell in notebook.cells:
        if cell.source in shown:
            data = {"text/html": shown[cell.source].html}
            cell.outputs = [new_output("display_data", data=data)]
    body = page.body(notebook, topic)
    return Part(topic, PROFILE, len(runs.complete), page_files.without_pixels(body))
