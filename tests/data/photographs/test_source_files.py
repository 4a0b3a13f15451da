"""Entries of archives: found without unpacking, and nothing damaged or hostile passes."""

import io
import tarfile
import zipfile

import numpy as np
import pytest

from repro.data.photographs import source_files
from repro.data.photographs.archives import DamagedEntry, SourceUnusable
from repro.data.photographs.source_files import fingerprint, list_files, read
from tests.made.miniature_sets import folder, placed, tar_bytes, zip_bytes

FILES = {
    "a/one.jpg": b"one" * 1000,
    "a/two words é.jpg": b"2",
    "empty.txt": b"",
    "a/" + "long" * 40 + "/three.jpg": bytes(range(256)) * 9,  # over 100 characters
}
FORMS = ["folder", "zip", "tar", "tgz", "tar.bz2", "tar.xz"]


def contents(source, scratch):
    return {n: read(file) for n, file in list_files(source, scratch).items()}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_files(form, tmp_path):
    scratch = tmp_path / "scratch"
    source = placed(tmp_path, FILES, form)
    assert contents(source, scratch) == FILES
    assert scratch.exists() == (form not in ("folder", "zip", "tar"))


def test_a_stored_zip(tmp_path):
    (tmp_path / "z").write_bytes(zip_bytes(FILES, zipfile.ZIP_STORED))
    assert contents(tmp_path / "z", tmp_path) == FILES


def test_a_zip_behind_other_bytes_has_its_offsets_moved(tmp_path):
    (tmp_path / "z").write_bytes(zip_bytes(FILES)[:4] + zip_bytes(FILES))
    assert contents(tmp_path / "z", tmp_path) == FILES


def test_an_archive_is_known_by_content_not_by_name(tmp_path):
    (tmp_path / "photos.rar").write_bytes(tar_bytes({"inner.zip": zip_bytes(FILES)}))
    assert list_files(tmp_path / "photos.rar", tmp_path).keys() == {"inner.zip"}


def test_tars_of_classes_and_splits_are_listed_like_folders(tmp_path):
    inner = {"x.JPEG": b"x" * 700, "y.JPEG": b"y"}
    train = tar_bytes(
        {"n01440764.tar": tar_bytes(inner), "n02102040.tar": tar_bytes(inner)}
    )
    files = {"ILSVRC2012_img_train.tar": train, "other.tar": tar_bytes(inner)}
    expected = {
        f"ILSVRC2012_img_train/{synset}/{name}": content
        for synset in ("n01440764", "n02102040")
        for name, content in inner.items()
    } | {"other.tar": files["other.tar"]}
    assert contents(folder(tmp_path / "f", files), tmp_path) == expected
    (tmp_path / "t.tar").write_bytes(tar_bytes(files))
    assert contents(tmp_path / "t.tar", tmp_path) == expected


def test_a_tar_without_an_end_inside_a_tar_stops_where_it_ends(tmp_path):
    """tarfile would read on, into the next class."""
    classes = {
        f"n0000000{k}.tar": tar_bytes({"x.JPEG": bytes([k])})[:1024] for k in (1, 2)
    }
    (tmp_path / "t.tar").write_bytes(tar_bytes(classes))
    expected = {"n00000001/x.JPEG": b"\1", "n00000002/x.JPEG": b"\2"}
    assert contents(tmp_path / "t.tar", tmp_path) == expected


def test_hidden_files_are_left_out(tmp_path):
    files = {".DS_Store": b"1", "__MACOSX/a/._x.jpg": b"2", "a/._x.jpg": b"3"}
    (tmp_path / "z").write_bytes(zip_bytes(files | {"a/x.jpg": b"4"}))
    assert contents(tmp_path / "z", tmp_path) == {"a/x.jpg": b"4"}


@pytest.mark.parametrize("pack", [zip_bytes, tar_bytes])
@pytest.mark.parametrize(
    "name", ["../x.jpg", "a/../../x.jpg", "/etc/x.jpg", "a\\..\\..\\x.jpg", "C:\\x.jpg"]
)
def test_names_that_point_outside_are_refused(name, pack, tmp_path):
    (tmp_path / "a").write_bytes(pack({"a/ok.jpg": b"1", name: b"2"}))
    with pytest.raises(SourceUnusable, match="points outside") as raised:
        list_files(tmp_path / "a", tmp_path)
    assert repr(name) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_links_and_devices_in_a_tar_are_not_files(tmp_path):
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for kind in (
            tarfile.SYMTYPE,
            tarfile.LNKTYPE,
            tarfile.CHRTYPE,
            tarfile.DIRTYPE,
        ):
            member = tarfile.TarInfo(f"odd{kind}.jpg")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
    (tmp_path / "t").write_bytes(stream.getvalue())
    assert list_files(tmp_path / "t", tmp_path) == {}


@pytest.mark.parametrize("form", ["zip", "tar", "tgz", "tar.bz2", "tar.xz"])
@pytest.mark.parametrize("kept", [0, 3, 512, 600, -700])
def test_a_truncated_archive_is_refused(form, kept, tmp_path):
    noise = np.random.default_rng(0).bytes(9999)  # does not compress
    source = placed(tmp_path, FILES | {"last": noise}, form)
    whole = source.read_bytes()
    if form == "tar":
        whole = whole.rstrip(b"\0")
    source.write_bytes(whole[:kept])
    with pytest.raises(SourceUnusable, match="damaged|not a zip or tar"):
        list_files(source, tmp_path)


def test_a_damaged_header_does_not_end_a_tar_early(tmp_path):
    """tarfile would give the files before it, and no error."""
    content = bytearray(tar_bytes({"a": b"1", "b": b"2"}))
    content[1024] ^= 1
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(SourceUnusable, match="damaged at byte 1,024"):
        list_files(tmp_path / "t", tmp_path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1f\x8bhello", b"PK\x03\x04"])
def test_what_is_no_archive_is_told(content, tmp_path):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(SourceUnusable, match="not a zip or tar archive"):
        list_files(tmp_path / "x.zip", tmp_path)


def test_compression_that_cannot_be_read_is_told_at_once(tmp_path):
    (tmp_path / "z").write_bytes(zip_bytes(FILES, zipfile.ZIP_LZMA))
    with pytest.raises(SourceUnusable, match="method 14; allowed: stored, deflated"):
        list_files(tmp_path / "z", tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_entry_is_told_apart_from_the_others(method, tmp_path):
    content = bytearray(zip_bytes(FILES, method))
    content[45] ^= 255  # in the first entry's data: 30 bytes of header, 9 of name
    (tmp_path / "z").write_bytes(content)
    files = list_files(tmp_path / "z", tmp_path)
    with pytest.raises(DamagedEntry, match="damaged in the zip"):
        read(files.pop("a/one.jpg"))
    assert {name: read(file) for name, file in files.items()}.items() <= FILES.items()


def test_an_entry_that_unpacks_to_more_than_it_says_is_cut_off(tmp_path):
    (tmp_path / "z").write_bytes(zip_bytes({"bomb": bytes(1 << 24)}))
    (file,) = list_files(tmp_path / "z", tmp_path).values()
    with pytest.raises(DamagedEntry, match="checksum"):
        read(file._replace(size=100))


def test_huge_files_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(source_files, "MAX_BYTES", 2000)
    files = list_files(folder(tmp_path / "f", FILES), tmp_path)
    with pytest.raises(DamagedEntry, match="3,000 bytes; at most 2,000"):
        read(files["a/one.jpg"])


def test_a_file_that_vanishes_or_shrinks_stops_the_reading(tmp_path):
    files = list_files(folder(tmp_path / "f", FILES), tmp_path)
    (tmp_path / "f/a/one.jpg").write_bytes(b"short")
    with pytest.raises(SourceUnusable, match="has changed"):
        read(files["a/one.jpg"])
    (tmp_path / "f/a/one.jpg").unlink()
    with pytest.raises(SourceUnusable, match="no such file"):
        read(files["a/one.jpg"])


def test_a_missing_source_names_the_option(tmp_path):
    for ask in (lambda path: list_files(path, tmp_path), fingerprint):
        with pytest.raises(SourceUnusable, match="--source PATH") as raised:
            ask(tmp_path / "absent")
        assert str(tmp_path / "absent") in str(raised.value)


def test_links_to_folders_are_followed_but_not_in_circles(tmp_path):
    folder(tmp_path / "elsewhere", {"x.jpg": b"1"})
    folder(tmp_path / "f", {"a/y.jpg": b"2"})
    (tmp_path / "f/b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "f/a/up").symlink_to(tmp_path / "f")
    assert contents(tmp_path / "f", tmp_path) == {"b/x.jpg": b"1", "a/y.jpg": b"2"}


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_a_fingerprint_changes_with_names_and_sizes(form, tmp_path):
    before = fingerprint(placed(tmp_path / "1", FILES, form))
    assert fingerprint(placed(tmp_path / "2", FILES, form)) == before
    more = placed(tmp_path / "3", FILES | {"a/one.jpg": b"1"}, form)
    assert fingerprint(more) != before


def test_names_that_are_no_unicode_survive(tmp_path):
    name = b"\xff\xfe.jpg".decode("utf-8", "surrogateescape")
    try:
        folder(tmp_path / "f", {name: b"1"})
    except OSError:
        pytest.skip("this file system wants Unicode")
    assert contents(tmp_path / "f", tmp_path) == {name: b"1"}
    assert fingerprint(tmp_path / "f")
