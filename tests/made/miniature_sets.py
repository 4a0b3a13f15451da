"""The layouts of ImageNet's kin in miniature: two classes, a few small photographs."""

import io
import tarfile
import zipfile

import numpy as np
from PIL import Image
from scipy.io import savemat

TENCH, DOG = "n01440764", "n02102040"
WORDS = {TENCH: "tench, Tinca tinca", DOG: "English springer, English springer spaniel"}


def encoded(pixels, kind="JPEG", **options):
    """The bytes of an image file."""
    file = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(file, kind, **options)
    return file.getvalue()


def photograph(seed, height=20, width=30):
    """A JPEG of smooth random colours."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (4, 5, 3), dtype=np.uint8))
    return encoded(small.resize((width, height), Image.Resampling.BICUBIC))


def foldered_train(folder="train", inner=""):
    """Three photographs of the dog, two of the tench, named as ImageNet's are."""
    return {
        f"{folder}/{synset}/{inner}{synset}_{number}.JPEG": photograph(seed)
        for seed, (synset, number) in enumerate(
            [(DOG, 2), (DOG, 10), (DOG, 1), (TENCH, 7), (TENCH, 3)]
        )
    }


def flat_validation(folder="val"):
    """Four photographs: tench, dog, dog, tench."""
    return {
        f"{folder}/ILSVRC2012_val_0000000{k}.JPEG": photograph(10 + k)
        for k in range(1, 5)
    }


TRUTH = (TENCH, DOG, DOG, TENCH)


def tiny_imagenet():
    """As in tiny-imagenet-200.zip, with its unlabelled test/ and its boxes."""
    files = foldered_train("tiny-imagenet-200/train", "images/")
    top = "tiny-imagenet-200"
    rows = []
    for k, synset in enumerate(TRUTH):
        files[f"{top}/val/images/val_{k}.JPEG"] = photograph(11 + k)
        rows.append(f"val_{k}.JPEG\t{synset}\t0\t32\t44\t62\n")
    files[f"{top}/val/val_annotations.txt"] = "".join(rows).encode()
    files[f"{top}/test/images/test_0.JPEG"] = photograph(99)
    files[f"{top}/train/{DOG}/{DOG}_boxes.txt"] = b"n02102040_2.JPEG\t0\t1\t2\t3\n"
    files[f"{top}/wnids.txt"] = f"{DOG}\n{TENCH}\n".encode()
    files[f"{top}/words.txt"] = "".join(
        f"{s}\t{w}\n" for s, w in WORDS.items()
    ).encode()
    return files


def imagenette():
    """As in imagenette2.tgz: folders in both splits, no list of names."""
    files = foldered_train("imagenette2/train")
    for k, synset in enumerate(TRUTH):
        files[f"imagenette2/val/{synset}/{synset}_{k}0.JPEG"] = photograph(11 + k)
    files["imagenette2/noisy_imagenette.csv"] = b"path,noisy_labels_0\n"
    return files


def listed_ilsvrc():
    """Foldered training set, flat validation set with a list."""
    rows = [f"ILSVRC2012_val_0000000{k}.JPEG {s}\n" for k, s in enumerate(TRUTH, 1)]
    files = foldered_train() | flat_validation()
    files["val_synsets.txt"] = "".join(rows).encode()
    files["LOC_synset_mapping.txt"] = "".join(
        f"{s} {w}\n" for s, w in WORDS.items()
    ).encode()
    return files


def kaggle():
    """As in Kaggle's archive: deep folders, names without suffix in the solution."""
    base = "ILSVRC/Data/CLS-LOC"
    files = foldered_train(f"{base}/train") | flat_validation(f"{base}/val")
    rows = ["ImageId,PredictionString\n"]
    for k, synset in enumerate(TRUTH, 1):
        rows.append(
            f"ILSVRC2012_val_0000000{k},{synset} 85 1 499 272 {synset} 1 2 3 4\n"
        )
    files["LOC_val_solution.csv"] = "".join(rows).encode()
    files["LOC_synset_mapping.txt"] = listed_ilsvrc()["LOC_synset_mapping.txt"]
    files[f"{base}/test/ILSVRC2012_test_00000001.JPEG"] = photograph(98)
    files["ILSVRC/Annotations/CLS-LOC/val/ILSVRC2012_val_00000001.xml"] = b"<a/>"
    return files


def published_ilsvrc():
    """The three files of the publisher: tars of tars, and the devkit."""
    train = foldered_train("")
    classes = {
        f"{synset}.tar": tar_bytes(
            {name.split("/")[-1]: c for name, c in train.items() if synset in name}
        )
        for synset in (DOG, TENCH)
    }
    devkit = {f"ILSVRC2012_devkit_t12/data/{n}": c for n, c in devkit_data().items()}
    validation = {n.split("/")[-1]: c for n, c in flat_validation().items()}
    return {
        "ILSVRC2012_img_train.tar": tar_bytes(classes),
        "ILSVRC2012_img_val.tar": tar_bytes(validation),
        "ILSVRC2012_devkit_t12.tar.gz": tar_bytes(devkit, "w:gz"),
    }


def class_tars():
    """A folder with a tar for each class, an unpacked devkit, foldered validation."""
    train = foldered_train("")
    files = {
        f"train/{synset}.tar": tar_bytes(
            {name.split("/")[-1]: c for name, c in train.items() if synset in name}
        )
        for synset in (DOG, TENCH)
    }
    files |= {f"devkit/data/{name}": c for name, c in devkit_data().items()}
    return files | flat_validation()


def devkit_data():
    """Ground truth by the devkit's ids, in which the dog comes first."""
    fields = ("ILSVRC2012_ID", "WNID", "words", "gloss", "num_children")
    rows = [(1, DOG, WORDS[DOG], "a spaniel", 0), (2, TENCH, WORDS[TENCH], "a fish", 0)]
    rows += [(3, "n00001740", "entity", "all", 2)]
    synsets = np.array(rows, dtype=[(field, object) for field in fields])
    meta = io.BytesIO()
    savemat(meta, {"synsets": synsets.reshape(-1, 1)})
    ids = {DOG: 1, TENCH: 2}
    truth = "".join(f"{ids[synset]}\n" for synset in TRUTH).encode()
    return {
        "meta.mat": meta.getvalue(),
        "ILSVRC2012_validation_ground_truth.txt": truth,
    }


LAYOUTS = {
    make.__name__: make
    for make in (
        *(tiny_imagenet, imagenette, listed_ilsvrc),
        *(kaggle, published_ilsvrc, class_tars),
    )
}


def folder(path, files):
    """Write them below `path`."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def tar_bytes(files, mode="w"):
    """A tar, compressed as `mode` says."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def zip_bytes(files, method=zipfile.ZIP_DEFLATED):
    """A zip."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def placed(tmp_path, files, form):
    """Write them as a folder or as an archive with that suffix; return its path."""
    tmp_path.mkdir(parents=True, exist_ok=True)
    path = tmp_path / f"source.{form}"
    if form == "folder":
        return folder(path, files)
    modes = {"tar": "w", "tgz": "w:gz", "tar.bz2": "w:bz2", "tar.xz": "w:xz"}
    content = zip_bytes(files) if form == "zip" else tar_bytes(files, modes[form])
    path.write_bytes(content)
    return path
