"""Which exported files a folder lacks."""

from repro.runs.exported import lacking


def test_what_is_lacking_keeps_its_order_and_a_folder_is_no_file(tmp_path):
    (tmp_path / "errors.csv").write_text("")
    (tmp_path / "probe.csv").mkdir()
    names = ("probe.csv", "errors.csv", "codes.csv")
    assert lacking(tmp_path, names) == ["probe.csv", "codes.csv"]
    assert lacking(tmp_path / "none", names) == list(names)
