"""The numbers of the README and of docs/ are those of the committed runs."""

import re

import pytest

from analysis.evidence.runs import ReportError
from analysis.report import documents
from repro.recipes.preset_table import preset_table
from repro.recipes.presets import RECIPES
from repro.recipes.profiles import PROFILES
from repro.runs.folder import ROOT

TEXTS = {path: path.read_text(encoding="utf-8") for path in documents.DOCUMENTS}


def test_every_block_is_what_the_committed_runs_say():
    """After new evidence `repro write readme` writes the blocks anew."""
    made = documents.blocks(ROOT / "reports") | {"presets": preset_table()}
    for name, content in made.items():
        (text,) = [text for text in TEXTS.values() if f"<!-- {name} -->" in text]
        assert documents.block(text, name).strip() == content.strip(), name


def test_links_lead_to_files():
    for path, text in TEXTS.items():
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (path.parent / target).is_file(), f"{path.name}: {target}"


def test_the_readme_is_a_front_door():
    assert len(TEXTS[ROOT / "README.md"]) <= 8000


def test_blocks_are_written_in_place():
    made = {"a": "first", "b": "new\n", "elsewhere": "x"}
    old = "x\n<!-- b -->\nold\n<!-- end of b -->\ny\n<!-- a -->\n<!-- end of a -->\n"
    text = documents.written(old, made)
    assert text == old.replace("old", "new").replace("a -->\n", "a -->\nfirst\n", 1)
    assert documents.written(text, made) == text
    with pytest.raises(ReportError, match="no block between <!-- a --> and <!-- end"):
        documents.written("<!-- a -->\n", made)


def test_names_in_the_documents_exist():
    running, recipes = (
        TEXTS[ROOT / "docs" / name] for name in ("running.md", "recipes.md")
    )
    for name in PROFILES:
        assert f"| `{name}` |" in running
    for name in ("released-145", "paper-text", "caffe", "one-tower", "cifar-18pct"):
        assert name in RECIPES and f"`{name}`" in recipes
