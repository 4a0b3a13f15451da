"""Who may import whom: the architecture, read from the source by ast."""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

LEAVES = {
    *("errors", "recipes", "overrides", "recorded_recipe", "profiles", "runs"),
    *("draws", "fixed_images", "signals", "devices", "atomic_files", "allocator"),
    "ranks",
}
PHOTOGRAPHS = {
    *("photographs", "archives", "source_files", "devkit", "synsets"),
    *("validation_labels", "image_sets", "canary", "decoders", "growing_images"),
    *("packing_plan", "packed_split", "packing"),
}
MODEL = {"networks", "alexnet", "cifar_nets", "layers", "response_norm"}
MODEL |= {"counts", "views", "schedule", "update_rule", "preflight", "two_devices"}
TRAINING = {"training", "evaluate", "metrics", "manifests", "train", "epoch"}
TRAINING |= {"checkpoints"}
TRAINING |= {"kernel_snapshots", "watchdog", "pretrained", "finished_runs"}
TRAINING |= {"saved_network", "probabilities", "replica", "compiled"}
EVIDENCE = {
    *("export_subject", "exported_files", "export"),
    *("error_rates", "ensemble", "features", "retrieval"),
    *("thumbnails", "probe", "probed_vectors", "diagnosis", "layer_table"),
    *("caffe_weights", "class_order", "doctor", "findings", "foreign_weights"),
    *("imported", "installation", "machine", "onnx_files", "onnx_graph", "onnx_nodes"),
    *("torchvision_weights", "architectures", "codes", "coded_vectors"),
    *("thinned_networks", "removed_units", "disturbed_images"),
}
EVIDENCE |= {"checks", "checked_numbers", "checked_errors", "checked_views"}
EVIDENCE |= {"checked_photographs"}
EVIDENCE |= {"checked_normalisation", "checked_dropout", "checked_update"}
RUNS = {"jobs", "agenda", "engines", "carried_files", "errands", "ray_cluster"}
RUNS |= {"ray_engine"}
BENCHES = {
    *("bench", "bench_tables", "bench_training", "bench_networks", "bench_contestants"),
    *("bench_step", "bench_memory", "bench_epoch", "bench_data", "bench_pack"),
    *("bench_profile", "bench_load", "bench_report", "made_up_photographs"),
}
CIFAR10 = {"cifar10", "cifar10_files", "cifar10_sources"}

BASES = {"paper", "results", "style", "sections"}
CLAIMS = {
    *("claims", "claim_fields", "claim_lines", "cases", "measurement", "verdicts"),
}
STATISTICS = {"intervals", "resampling", "estimates", "paired", "power"}
EXPORTED = {
    *("exported_errors", "fitted_errors", "reported_errors", "evidence"),
    *("measured_estimates", "checks_measured"),
}
FIGURE1 = {"epochs", "figure1", "figure1_measured"}
FIGURE2 = {
    *("printed_network", "layer_lists", "layer_counts", "printed_comparison"),
    *("network_lanes", "network_drawing", "compared_networks", "architecture_claims"),
    *("architecture_measured", "network_measured", "crops"),
}
FIGURE3 = {
    *("figure3", "kernel_measures", "kernel_mosaic", "kernel_panels", "kernel_plots"),
    *("kernel_tables", "kernel_words", "learned_kernels", "tower_split"),
    *("kernels_measured",),
}
FIGURE4 = {
    *("figure4", "figure4_left", "figure4_right", "figure4_runs", "predicted"),
    *("retrieved", "probes", "probe_tables", "neighbor_tables", "shown_images"),
    *("predictions_measured", "neighbors_measured", "coded_search", "shifted"),
}
FIGURES = FIGURE1 | FIGURE2 | FIGURE3 | FIGURE4
TABLES = {
    *("averaging", "error_tables", "error_quotes", "error_sentences", "error_claims"),
    *("shown_errors", "errors_measured", "half_splits"),
}
ABLATIONS = {
    *("comparisons", "effects", "ablation_tables", "ablation_sentences"),
    *("ablation_claims", "ablations_measured", "disturbed"),
}
TRAINING_CURVES = {
    *("learning_curves", "learning_curve_plots", "overfitting", "convergence"),
    *("throughput", "recorded_settings", "training_claims", "training_commands"),
    *("plateau", "plateau_table", "plateau_map", "roc_area", "unit_activity"),
    *("seed_spread", "recipe_measured", "training_measured"),
    *("speed_measured", "activity_measured", "compared_arms", "costs", "benchmarks"),
    *("dropout_measured", "averaged_predictions", "tanh_measured", "bench_measured"),
}
TRANSFER = {
    *("transfer_pairs", "transfer_curves", "transfer_claims", "transfer_measured"),
    *("thinned", "crop_overlap", "crop_figures"),
}

README = {"ledger_filter", "ledger_readme", "readme"}

# Bottom layer first. A module imports from layers below its own, or beside it without
# a cycle; where a layer is marked "apart", never beside it.
LAYERS = {
    "repro": [
        ("leaves", LEAVES),
        ("presets", {"presets", "variants", "preset_table", "provenance"}),
        (
            "data",
            {"pixels", "pack_places", "packs", "class_subset", "subset", "batches"}
            | CIFAR10
            | PHOTOGRAPHS,
        ),
        ("model", MODEL),
        ("training", TRAINING),
        ("evidence", EVIDENCE),
        (
            "beside training",
            {"laboratory", "rate_search", "experiments"} | RUNS | BENCHES,
        ),
        ("command line", {"cli", "commands", "__main__"}),
    ],
    "analysis": [
        ("leaves", STATISTICS | BASES | {"contents"} | EXPORTED | CLAIMS),
        ("of one topic", FIGURES | TABLES | ABLATIONS | TRAINING_CURVES | TRANSFER),
        (
            "topics, apart",
            {
                *("activations", "architecture", "kernels", "predictions"),
                *("neighbors", "errors", "ablations", "training", "transfer"),
            },
        ),
        (
            "ledger",
            {"ledger_rows", "ledger_table", "ledger", "network_readme"} | README,
        ),
        (
            "page",
            {"notebook_kernels", "notebooks", "page", "page_files"}
            | {"outside", "overview"},
        ),
        ("builds", {"built_files", "builds"}),
    ],
}
TORCH = {"torch", "torchvision"}
# All that analysis may import of repro.
JOINT = {"repro.runs", "repro.errors", "repro.atomic_files"}
BRIDGE = "repro.commands"  # the only module of repro that may import analysis


def imported(path: Path) -> set[str]:
    """Every module named by an import in `path`, lazy ones inside functions included."""
    package = path.parent.name
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(filter(None, [package * bool(node.level), node.module]))
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def modules(package: str) -> dict[str, set[str]]:
    """Dotted module name -> imported names, of every module of `package`."""
    paths = sorted((ROOT / package).glob("*.py"))
    return {f"{package}.{path.stem}": imported(path) for path in paths}


def layer_of(module: str) -> tuple[int, str]:
    package, stem = module.split(".")
    for level, (name, members) in enumerate(LAYERS[package]):
        if stem in members:
            return level, name
    raise AssertionError(f"{module} has no layer: name it in tests/test_arrows.py")


@pytest.mark.parametrize("package", LAYERS)
def test_arrows_go_downward(package):
    graph = modules(package)
    graph.pop(f"{package}.__init__", None)
    for module, names in graph.items():
        level, layer = layer_of(module)
        for other in names & graph.keys():
            other_level, _ = layer_of(other)
            below = other_level < level
            beside = other_level == level and "apart" not in layer
            assert below or beside, f"{module} ({layer}) imports {other}"
    list(TopologicalSorter(graph).static_order())  # raises CycleError


def test_analysis_imports_no_torch_and_of_repro_only_the_run_folder():
    for module, names in modules("analysis").items():
        roots = {name.split(".")[0] for name in names}
        assert not roots & TORCH, f"{module} imports torch"
        of_repro = {name for name in names if name.split(".")[0] == "repro"}
        other = {name for name in of_repro - {"repro"} if _module(name) not in JOINT}
        assert not other, f"{module} imports {other}"


def _module(name: str) -> str:
    """The module that a dotted name of this project is, or lives in."""
    return ".".join(name.split(".")[:2])


def test_repro_imports_analysis_only_in_the_command_line():
    for module, names in modules("repro").items():
        if module != BRIDGE:
            assert "analysis" not in {name.split(".")[0] for name in names}, module


@pytest.mark.parametrize("names", [sorted(modules("analysis")), ["repro.cli"]])
def test_analysis_and_the_command_line_load_without_torch(names):
    """What ast cannot see: an import of an import."""
    code = (
        f"import importlib, sys\nfor name in {names}: importlib.import_module(name)\n"
    )
    code += f"print([name for name in {sorted(TORCH)} if name in sys.modules])"
    found = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert found.strip() == "[]"
