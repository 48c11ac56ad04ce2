"""Models trained in full and shipped with the course: load one, list them, train them again.

    from utils import pretrained
    model, vocabulary, card = pretrained.load("imdb-classifier")

Each lies in data/pretrained/ as three files: imdb-classifier.json, the card (what the model does, how it was
trained, its scores); imdb-classifier.npz, its weights; and imdb-classifier.vocabulary.json. The program that
builds and trains it is a module here, imdb_classifier. `make pretrained` runs the programs, and

    python -m utils.pretrained imdb-classifier

one of them. The weights are plain arrays, and the layers are built by the program, so that the files outlive
versions of Keras and of its file formats. Tables lie beside them of models that were trained, scored and
not kept: lstm-variants.csv, date-attention.csv, vowel-speakers.csv, digit-recognisers.csv and
character-race.csv, by programs of those names.
"""

import hashlib
import importlib
import io
import json
import typing

import numpy as np

from utils import environment, files, text

FOLDER = environment.course_root() / "data" / "pretrained"
FIELDS = {"title", "data", "command", "seconds", "score", "versions", "sha256"}


class Pretrained(typing.NamedTuple):
    """model: keras.Model. vocabulary: text.Vocabulary. card: dictionary with the fields of FIELDS."""

    model: typing.Any
    vocabulary: text.Vocabulary
    card: dict


def names():
    """Return the names of the models that are there, sorted: a list of str."""
    return sorted(path.stem for path in FOLDER.glob("*.json") if not path.name.endswith(".vocabulary.json"))


def load(name):
    """Return a shipped model as Pretrained(model, vocabulary, card).

    The model is a keras.Model with float32 weights, not compiled; it can be trained further.
    Raises ValueError for an unknown name, RuntimeError when a file is missing, damaged or of another model.
    """
    card = read_card(name)
    vocabulary = text.Vocabulary.load(_intact(name, card, f"{name}.vocabulary.json"))
    with np.load(_intact(name, card, f"{name}.npz"), allow_pickle=False) as stored:
        weights = [stored[str(index)].astype(np.float32) for index in range(len(stored.files))]

    model = _build(name, len(vocabulary))
    shapes = [(tuple(weight.shape), value.shape) for weight, value in zip(model.weights, weights, strict=False)]
    if len(model.weights) != len(weights) or any(wanted != given for wanted, given in shapes):
        raise RuntimeError(f"data/pretrained/{name}.npz does not fit the layers in {_module(name)}; {_repair()}")
    model.set_weights(weights)
    return Pretrained(model, vocabulary, card)


def read_card(name):
    """Return the card of a shipped model: a dictionary. Raises as `load` does."""
    if name not in names():
        raise ValueError(f"there is no pretrained model {name!r}; the course has {', '.join(names()) or 'none'}.")
    try:
        card = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        missing = FIELDS - card.keys()
    except (ValueError, AttributeError) as error:
        raise RuntimeError(f"data/pretrained/{name}.json is damaged ({error}); {_repair()}") from None
    if missing:
        raise RuntimeError(f"data/pretrained/{name}.json lacks {', '.join(sorted(missing))}; {_repair()}")
    return card


def _module(name):
    """Return the name of the module that builds and trains a model."""
    return f"utils.pretrained.{name.replace('-', '_')}"


def _build(name, size):
    """Return a new model of this kind for a vocabulary of `size` ids."""
    environment.import_quietly_once()
    return importlib.import_module(_module(name)).build(size)


def _intact(name, card, filename):
    """Return the path of a model's file; raise RuntimeError unless it is the one that the card describes."""
    path = FOLDER / filename
    if not path.is_file():
        raise RuntimeError(f"data/pretrained/{filename} is missing; {_repair()}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != card["sha256"].get(filename):
        raise RuntimeError(f"data/pretrained/{filename} is not the file that {name}.json describes; {_repair()}")
    return path


def _repair():
    """Say how a broken model is brought back."""
    return "get data/pretrained/ again from where the course comes from, or train it: make pretrained"


def as_loaded(name, model, vocabulary, dtype="float16"):
    """Return what `load` will give once a model is saved: new layers, the weights rounded to dtype and back."""
    loaded = _build(name, len(vocabulary))
    loaded.set_weights([np.asarray(weight, dtype).astype(np.float32) for weight in model.get_weights()])
    return loaded


def save(name, model, vocabulary, *, dtype="float16", **fields):
    """Write a model, its vocabulary and its card to data/pretrained/; the card comes last.

    dtype: how weights are stored; float16 halves the files and rounds each weight to 3 digits, so measure
    the score on what `as_loaded` returns. fields: the card's other fields (title, data, command, seconds,
    score); versions and checksums are filled in.
    """
    import keras
    import tensorflow

    if missing := FIELDS - {"versions", "sha256"} - fields.keys():
        raise ValueError(f"save: the card of {name} lacks {', '.join(sorted(missing))}.")
    FOLDER.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    arrays = {str(index): np.asarray(weight, dtype=dtype) for index, weight in enumerate(model.get_weights())}
    np.savez_compressed(buffer, **arrays)
    files.write_bytes(FOLDER / f"{name}.npz", buffer.getvalue())
    vocabulary.save(FOLDER / f"{name}.vocabulary.json")
    written = (f"{name}.npz", f"{name}.vocabulary.json")
    card = {
        **fields,
        "weights": f"{model.count_params():,} numbers, stored as {dtype}",
        "versions": {"keras": keras.__version__, "tensorflow": tensorflow.__version__, "numpy": np.__version__},
        "sha256": {file: hashlib.sha256((FOLDER / file).read_bytes()).hexdigest() for file in written},
    }
    files.write_text(FOLDER / f"{name}.json", json.dumps(card, indent=1) + "\n")
