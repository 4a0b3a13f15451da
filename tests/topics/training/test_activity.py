"""diagnostics.csv as a table, and two arms of it compared by hand."""

import pandas as pd
import pytest

from analysis.evidence import runs
from analysis.evidence.runs import ReportError
from analysis.topics.training import activity
from tests.made.training_runs import write_diagnostics, write_training
from tests.made.verdicts import verdicts


def load(reports):
    return runs.load("tiny-imagenet", reports)


def test_the_ratio_is_conv1_over_fc8_by_run_and_state(tmp_path):
    write_diagnostics(write_training(tmp_path), gradients=(1.0, 2.0))
    write_diagnostics(write_training(tmp_path, seed=1), gradients=(3.0, 6.0))
    ratios = activity.gradient_ratios(activity.by_layer(load(tmp_path)))
    known = ratios.set_index(["state", "seed"])["ratio"]
    assert known["untrained"].tolist() == [0.25, 0.75]
    assert known["trained"].tolist() == [0.5, 1.5]


def test_the_table_has_a_row_a_layer_untrained_to_trained(tmp_path):
    write_diagnostics(write_training(tmp_path), zeros=(0.5, 0.6))
    write_diagnostics(write_training(tmp_path, seed=1), zeros=(0.5, 0.8))
    first, last = activity.shown(activity.by_layer(load(tmp_path))).to_dict("records")
    assert (first["Layer"], first["Units"], first["Seeds"]) == ("conv1", "96", "2")
    assert first["Zero activations, %"] == "50.0 → 70.0 (60.0–80.0)"
    assert first["Dead units, %"] == "25.0 → 25.0"
    assert last["Dead units, %"] == "–"
    assert "Saturated activations, %" not in first


def test_saturating_units_have_a_column(tmp_path):
    run = write_training(tmp_path, "R-tanh")
    write_diagnostics(run)
    frame = pd.read_csv(run / "diagnostics.csv")
    frame.assign(saturated_activations=0.125).to_csv(run / "diagnostics.csv")
    rows = activity.shown(activity.by_layer(load(tmp_path)))
    assert rows["Saturated activations, %"].iloc[0] == "12.5 → 12.5"


def test_only_what_the_export_has_finished_counts(tmp_path):
    run = write_training(tmp_path)
    frame = pd.DataFrame(columns=activity.COLUMNS)
    frame.to_csv(run / "diagnostics.csv", index=False)  # half an export
    assert not activity.exported(load(tmp_path).complete[0])
    write_diagnostics(run)
    assert activity.exported(load(tmp_path).complete[0])
    (run / "diagnostics.csv").unlink()
    assert not activity.exported(load(tmp_path).complete[0])
    assert activity.by_layer(load(tmp_path)).empty


def test_a_file_that_is_something_else_is_named(tmp_path):
    run = write_training(tmp_path)
    write_diagnostics(run)
    frame = pd.read_csv(run / "diagnostics.csv").drop(columns="gradient_norm")
    frame.to_csv(run / "diagnostics.csv", index=False)
    with pytest.raises(ReportError, match=r"diagnostics\.csv: columns missing: grad"):
        activity.by_layer(load(tmp_path))
    (run / "diagnostics.csv").write_text("")
    with pytest.raises(ReportError, match=r"diagnostics\.csv: not readable"):
        activity.by_layer(load(tmp_path))


def offered(reports):
    return activity.measured(load(reports))


def words(reports):
    return verdicts("X23", offered(reports)["X23"])


def write_arms(reports, seeds=(0, 1), *, tanh=(0.5, 0.5), relu=(1.0, 2.0)):
    """Norms at conv1; at fc8 it is 4. With ReLU 50 and 60 % of zeros, with tanh none."""
    for seed in seeds:
        write_diagnostics(write_training(reports, seed=seed), gradients=relu)
        other = write_training(reports, "R-tanh", seed)
        write_diagnostics(other, gradients=tanh, zeros=(0.0, 0.0))


def test_both_quantities_before_and_after_training(tmp_path):
    write_arms(tmp_path)
    found = offered(tmp_path)["X23"]
    assert [each.quantity for each in found] == ["gradient"] * 2 + ["zeros"] * 2
    assert [each.value for each in found] == pytest.approx([2, 4, 50, 60])
    assert [each.unit for each in found] == ["times"] * 2 + ["points"] * 2
    assert found[0].stated == "2, untrained: 0.25 and 0.125"
    assert found[3].stated == "+60.00, trained: 60.0 % and 0.0 %"
    assert [each.images for each in found] == [128, 128, 1_000, 1_000]
    assert all(each.seeds == (2, 2) for each in found)
    names = ("released-145", "R-tanh")
    assert found[0].runs == tuple(f"{n}/seed-{s}" for n in names for s in (0, 1))
    assert words(tmp_path) == ["direction reproduced"] * 4


def test_a_gradient_of_zero_has_no_ratio(tmp_path):
    write_arms(tmp_path, tanh=(0.0, 0.5))
    found = offered(tmp_path)["X23"]
    assert [each.stated.split(":")[0] for each in found] == [
        "4, trained",
        "+50.00, untrained",
        "+60.00, trained",
    ]


def test_runs_that_are_not_exported_do_not_count(tmp_path):
    write_diagnostics(write_training(tmp_path))
    write_training(tmp_path, "R-tanh")
    assert "X23" not in offered(tmp_path)


def test_units_that_are_never_active_without_normalisation(tmp_path):
    """A quarter of conv1 in every run: no difference, and no spread."""
    for seed in (0, 1):
        for recipe in ("released-145", "R-nolrn"):
            write_diagnostics(write_training(tmp_path, recipe, seed))
    (found,) = offered(tmp_path)["S3.3c"]
    assert (found.value, found.low, found.high) == (0, 0, 0)
    assert found.stated == "0.00, trained: 25.0 % and 25.0 %"
    assert found.runs[0] == "R-nolrn/seed-0" and found.seeds == (2, 2)

    for recipe, share in (("R-nolrn", "0.75"), ("released-145", "0.35")):
        path = tmp_path / f"tiny-imagenet/runs/{recipe}/seed-1/diagnostics.csv"
        path.write_text(path.read_text().replace(",0.25,", f",{share},"))
    (found,) = offered(tmp_path)["S3.3c"]
    assert found.value == pytest.approx(20) and found.low < 0 < found.high
