"""utils.pretrained and the models in data/pretrained/: they load, are intact, and score what their cards say."""

import csv
import hashlib
import importlib
import json
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils import data, environment, generation, pairs, pretrained, text, translation
from utils.pretrained import keeping, lstm_variants, pronunciations
from utils.pretrained.__main__ import NAMES

CARD = {"title": "toy", "data": "none", "command": "none", "seconds": 1, "score": {}}


def build(name, size):
    """Return the toy model."""
    layers = [keras.layers.Embedding(size, 3), keras.layers.LSTM(2, return_sequences=True), keras.layers.Dense(size)]
    return keras.Sequential([keras.Input((None,), dtype="int32"), *layers])


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """A small model, saved as "toy" in an empty folder: (model, vocabulary)."""
    monkeypatch.setattr(pretrained, "FOLDER", tmp_path)
    monkeypatch.setattr(pretrained, "_build", build)
    keras.utils.set_random_seed(0)
    model = build("toy", 5)
    vocabulary = text.Vocabulary(["<pad>", "<unk>", "a", "b", "c"], "character")
    pretrained.save("toy", model, vocabulary, **CARD)
    return model, vocabulary


def test_what_is_saved_is_loaded(toy):
    """The same predictions up to the rounding of float16, the same vocabulary, the card's own fields."""
    model, vocabulary = toy
    loaded = pretrained.load("toy")
    ids = np.array([[2, 3, 4, 2]])
    difference = np.abs(np.asarray(loaded.model(ids)) - np.asarray(model(ids))).max()
    assert 1e-9 < difference < 1e-3
    assert loaded.vocabulary == vocabulary
    assert loaded.card["title"] == "toy" and "keras" in loaded.card["versions"]
    assert all(weight.dtype == np.float32 for weight in loaded.model.get_weights())
    assert pretrained.names() == ["toy"]


def test_float32_is_kept_exactly(toy):
    """With dtype float32 nothing is rounded."""
    model, vocabulary = toy
    pretrained.save("exact", model, vocabulary, dtype="float32", **CARD)
    for before, after in zip(model.get_weights(), pretrained.load("exact").model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


def test_an_unknown_name_lists_the_models(toy):
    """The message names what there is."""
    with pytest.raises(ValueError, match="no pretrained model 'tyo'; the course has toy"):
        pretrained.load("tyo")


@pytest.mark.parametrize("name", ["toy.npz", "toy.vocabulary.json"])
def test_a_damaged_or_missing_file_is_named(toy, name):
    """One flipped bit is found before anything is read from the file."""
    path = pretrained.FOLDER / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RuntimeError, match=f"{name} is not the file that toy.json describes.*make pretrained"):
        pretrained.load("toy")
    path.unlink()
    with pytest.raises(RuntimeError, match=f"{name} is missing"):
        pretrained.load("toy")


def test_a_damaged_card_is_named(toy):
    """No JSON, and JSON that lacks a field."""
    path = pretrained.FOLDER / "toy.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    del card["sha256"]
    path.write_text(json.dumps(card))
    with pytest.raises(RuntimeError, match="toy.json lacks sha256"):
        pretrained.load("toy")
    path.write_text("[]")
    with pytest.raises(RuntimeError, match="toy.json is damaged"):
        pretrained.load("toy")
    path.write_text("{")
    with pytest.raises(RuntimeError, match="toy.json is damaged"):
        pretrained.load("toy")


def test_weights_of_another_shape_are_refused(toy):
    """Weights and layers that do not belong together never make a model."""
    path = pretrained.FOLDER / "toy.json"
    card = json.loads(path.read_text(encoding="utf-8"))
    weights = [np.zeros(weight.shape) for weight in toy[0].get_weights()]
    for wrong in (weights[:-1], [*weights[:-1], np.zeros(6)]):
        np.savez(pretrained.FOLDER / "toy.npz", **{str(index): weight for index, weight in enumerate(wrong)})
        card["sha256"]["toy.npz"] = hashlib.sha256((pretrained.FOLDER / "toy.npz").read_bytes()).hexdigest()
        path.write_text(json.dumps(card))
        with pytest.raises(RuntimeError, match="toy.npz does not fit the layers in utils.pretrained.toy"):
            pretrained.load("toy")


def test_a_card_without_its_fields_is_not_written(toy):
    """Nothing is written, and the message says what is missing."""
    model, vocabulary = toy
    with pytest.raises(ValueError, match="lacks command, data, score, seconds"):
        pretrained.save("other", model, vocabulary, title="x")
    assert pretrained.names() == ["toy"]


def test_what_is_shipped_is_scored_as_loaded(toy):
    """The scores on the card are those of the rounded weights, and so is the number that is computed again here.

    While they are computed, nothing is written yet: an interruption leaves no card without scores.
    """
    model, vocabulary = toy

    def weights_of(given, words):
        assert words == vocabulary and pretrained.names() == ["toy"]
        return float(sum(np.abs(weight).sum(dtype=np.float64) for weight in given.get_weights()))

    rounded = [weight.astype(np.float16).astype(np.float32) for weight in model.get_weights()]
    expected = float(sum(np.abs(weight).sum(dtype=np.float64) for weight in rounded))
    assert weights_of(model, vocabulary) != expected
    keeping.ship(
        "shipped",
        model,
        vocabulary,
        lambda *given: {"sum": weights_of(*given)},
        weights_of,
        title="toy",
        data="none",
        seconds=1.6,
    )
    card = pretrained.read_card("shipped")
    assert card["score"] == {"sum": expected} and card["sample"] == round(expected, 4) and card["seconds"] == 2
    assert card["command"] == "python -m utils.pretrained shipped"
    for before, after in zip(rounded, pretrained.load("shipped").model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)


# --- the shipped models --------------------------------------------------------------------------------

CARDS = {  # what each card promises
    "imdb-classifier": lambda score: score["test accuracy"] >= 0.89,
    "shakespeare-characters": lambda score: score["validation nats a character, state carried"] <= 1.50,
    "imdb-words": lambda score: score["validation perplexity"] <= 70,
    "pronunciations": lambda score: (
        score["test phoneme error, beam of 5"] <= 0.065 and score["test word error, beam of 5"] <= 0.28
    ),
    "spoken-words": lambda score: (
        score["test word error, digits, greedy"] <= 0.01
        and score["test word error, digits and commands, greedy"] <= 0.04
    ),
}


@pytest.mark.parametrize("name", pretrained.names())
def test_a_shipped_model_has_a_card_and_a_program(name):
    """It loads, its output fits its vocabulary or is one logit; `make pretrained` knows it, and so does its command."""
    model, vocabulary, card = pretrained.load(name)
    assert card["command"] == f"python -m utils.pretrained {name}"
    assert name in NAMES
    assert model.output_shape[-1] in (1, len(vocabulary))
    assert card["seconds"] > 0 and CARDS[name](card["score"])


@pytest.mark.parametrize("name", pretrained.names())
def test_a_shipped_model_scores_what_its_card_says(name):
    """On a small sample, to what rounding changes; in the full profile all that is on the card."""
    program = importlib.import_module(f"utils.pretrained.{name.replace('-', '_')}")
    model, vocabulary, card = pretrained.load(name)
    assert abs(program.sample(model, vocabulary) - card["sample"]) < 0.001
    if environment.profile() == "full":
        for field, value in program.scores(model, vocabulary).items():
            assert abs(value / card["score"][field] - 1) < 0.001, field


def test_data_holds_no_program(root):
    """Programs are in utils/."""
    assert not list((root / "data").rglob("*.py"))


def test_an_unknown_name_is_refused(root):
    """The command says which models there are."""
    command = [sys.executable, "-m", "utils.pretrained", "no-such-model"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "There is no model 'no-such-model'; choose from imdb-classifier" in done.stderr


def test_the_shipped_models_are_small():
    """All files together stay below 40 MB."""
    assert sum(path.stat().st_size for path in pretrained.FOLDER.iterdir() if path.is_file()) < 40e6


def test_padding_does_not_change_the_classifier():
    """A review alone, and beside a longer one: the same logit."""
    model, vocabulary, _ = pretrained.load("imdb-classifier")
    reviews = ["a good film", "not good at all , and the ending is worse than anything i have seen"]
    alone = [float(np.asarray(model(text.pad([vocabulary.encode(review)])))[0, 0]) for review in reviews]
    together = np.asarray(model(text.pad([vocabulary.encode(review) for review in reviews])))[:, 0]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_the_word_model_ends_its_texts():
    """Nearly every review ends by itself before 600 words: <eos> was learnt."""
    model, vocabulary, _ = pretrained.load("imdb-words")
    generator = generation.TextGenerator(model, vocabulary)
    options = dict(max_length=600, seed=1, return_log_probs=True, loop="plain")
    _, log_probs = generator.generate(["i enjoy"] * 8, **options)
    assert sum(len(one) < 600 for one in log_probs) >= 6


# --- the pronouncer --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pronouncer():
    """Return the shipped model and its translator: (model, vocabulary, translator)."""
    model, vocabulary, _ = pretrained.load("pronunciations")
    return model, vocabulary, pronunciations.translator(model, vocabulary)


def test_its_step_computes_what_the_model_computes(pronouncer):
    """Phoneme by phoneme, for words of several lengths: the logits of teacher forcing; no weight on padding."""
    model, vocabulary, _ = pronouncer
    words = data.load_pronunciations().validation[:20]
    first = [several[0] for several in words.pronunciations]
    batches = pairs.batches(words.word, first, pronunciations.LETTERS, vocabulary, 20, shuffle=False)
    [((letters, before), after)] = batches
    expected, mask = np.asarray(model([letters, before])), np.asarray(letters) > 0
    encode, step = pronunciations.parts(model)
    states, memory = encode(letters)
    for t in range(before.shape[1]):
        logits, states, weights = step(before[:, t], states, memory, mask)
        real = np.asarray(after)[:, t] > 0
        np.testing.assert_allclose(np.asarray(logits)[real], expected[real, t], atol=1e-4)
        assert (np.asarray(weights)[~mask] == 0).all()
        np.testing.assert_allclose(np.asarray(weights).sum(-1), 1, atol=1e-5)


def test_it_pronounces_and_refuses(pronouncer):
    """Common words, each in a plain loop as well; nothing for what it has never seen."""
    _, _, translator = pronouncer
    for word, expected in {"attention": "ah t eh n sh ah n", "network": "n eh t w er k", "cat": "k ae t"}.items():
        for loop in translation.LOOPS:
            [found] = translator.greedy(word, loop=loop)
            assert (found.text, found.complete) == (expected, True)
        assert found.attention.shape == (len(expected.split()), len(word))
    for word in ("", "Cat", "naïve", "two words", "a" * 21):
        with pytest.raises(ValueError, match="Translator.greedy: row 0 of sources"):
            translator.greedy(word)


def test_its_attention_moves_from_left_to_right(pronouncer):
    """In most steps it looks no further left than in the step before."""
    _, _, translator = pronouncer
    found = translator.greedy(list(data.load_pronunciations().validation.word[:200]))
    steps = np.concatenate([np.diff(one.attention.argmax(-1)) for one in found if len(one.tokens) > 1])
    assert (steps >= 0).mean() > 0.9


def test_one_word_is_ten_times_faster_than_with_predict(pronouncer):
    """The loop that is often written: model.predict on all that has been written, for each phoneme.

    (Alone on a machine it is a hundred times and more: `make bench` says how many; beside other work, fewer.)
    """
    model, vocabulary, translator = pronouncer

    def with_predict(word):
        letters, before = text.pad([pronunciations.LETTERS.encode(word)]), [vocabulary.ids[text.BOS]]
        while len(before) < 20 and before[-1] != vocabulary.ids[text.EOS]:
            before.append(int(model.predict([letters, np.array([before])], verbose=0)[0, -1].argmax()))
        return vocabulary.decode([index for index in before if index > 3])

    def seconds(function, times):
        function("attention")  # compiles
        found = []
        for _ in range(times):
            started = time.perf_counter()
            assert function("attention") == "ah t eh n sh ah n"
            found.append(time.perf_counter() - started)
        return min(found)

    assert seconds(with_predict, 3) > 10 * seconds(lambda word: translator.greedy(word, loop="xla")[0].text, 20)


# --- a training that is interrupted ----------------------------------------------------------------------


def test_a_finished_training_waits_for_its_scores(toy, tmp_path, monkeypatch):
    """Interrupted while it is scored: started again it trains no more, and ships what was trained; then forgets it."""
    monkeypatch.setattr(keeping.environment, "course_root", lambda: tmp_path)
    model, vocabulary = toy
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    ids = np.array([[2, 3, 4, 2]])
    dataset = tf.data.Dataset.from_tensors((ids, ids))
    losses = iter([3.0, 1.0, 2.0])  # the second epoch is the best; a fourth would end in an error
    seen = []

    def score(trained):
        seen.append(trained.get_weights())
        return next(losses)

    def interrupted(*_):
        raise KeyboardInterrupt

    card = {"title": "toy", "data": "none"}
    weights, seconds = keeping.train("toy", model, dataset, 3, score)
    with pytest.raises(KeyboardInterrupt):
        keeping.ship("toy", model, vocabulary, interrupted, interrupted, **card, seconds=seconds)
    again, same = keeping.train("toy", model, dataset, 3, score)
    assert same == seconds > 0 and len(seen) == 3
    for first, second, best in zip(weights, again, seen[1], strict=True):
        np.testing.assert_array_equal(first, best)
        np.testing.assert_array_equal(second, best)
    assert any((one != other).any() for one, other in zip(seen[1], seen[2], strict=True))
    keeping.ship("toy", model, vocabulary, lambda *_: {}, lambda *_: 0.0, **card, seconds=seconds)
    assert not [path for path in (tmp_path / ".cache").iterdir() if path.name.startswith("toy")]


# --- a table of trainings ------------------------------------------------------------------------------


def test_a_table_goes_on_from_the_last_whole_training(tmp_path, monkeypatch):
    """What an interrupted run has is kept, and trained no second time; rows stand in the order of the trainings."""
    monkeypatch.setattr(keeping.environment, "course_root", lambda: tmp_path)
    monkeypatch.setattr(keeping.pretrained, "FOLDER", tmp_path)
    trained, trainings = [], [("a", 1), ("a", 2), ("b", 1)]

    def train(label, seed):
        if len(trained) == 2:
            trained.append("stopped")
            raise KeyboardInterrupt
        trained.append((label, seed))
        return [{"net": label, "seed": seed, "epoch": epoch} for epoch in (1, 2)]

    with pytest.raises(KeyboardInterrupt):
        keeping.table("some", ("net", "seed", "epoch"), trainings, train)
    keeping.table("some", ("net", "seed", "epoch"), trainings, train)
    assert trained == [("a", 1), ("a", 2), "stopped", ("b", 1)]
    rows = (tmp_path / "some.csv").read_text(encoding="utf-8").split()
    assert rows == ["net,seed,epoch", "a,1,1", "a,1,2", "a,2,1", "a,2,2", "b,1,1", "b,1,2"]
    assert not list((tmp_path / ".cache").iterdir())


# --- the table of variants -----------------------------------------------------------------------------


def test_the_table_of_variants_is_whole():
    """A row for each variant and seed, in the program's order, with numbers that can be; its command is known."""
    with open(pretrained.FOLDER / "lstm-variants.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == lstm_variants.FIELDS and lstm_variants.NAME in NAMES
    expected = [(variant, str(seed)) for variant in lstm_variants.VARIANTS for seed in lstm_variants.SEEDS]
    assert [(row["variant"], row["seed"]) for row in rows] == expected
    for row in rows:
        assert 0.5 < float(row["accuracy"]) < 0.9 and 0.3 < float(row["loss"]) < 0.7, row
        assert 1 <= int(row["epoch"]) <= lstm_variants.EPOCHS and float(row["seconds"]) > 0, row


@pytest.mark.parametrize("variant", lstm_variants.VARIANTS)
def test_no_variant_sees_padding(variant):
    """Each is built, gives one logit a text, and five zeros behind a batch change nothing."""
    keras.utils.set_random_seed(0)
    model = lstm_variants.build(np.random.default_rng(0).normal(size=(9, 4)), **lstm_variants.VARIANTS[variant])
    ids = np.array([[3, 8, 1, 5], [2, 7, 0, 0]])
    logits = np.asarray(model(ids))
    assert logits.shape == (2, 1)
    np.testing.assert_allclose(np.asarray(model(np.pad(ids, ((0, 0), (0, 5))))), logits, atol=1e-6)


def test_the_normalised_cell_computes_what_it_says():
    """One step, by hand: W x and U h are brought to mean 0 and spread 1, and so is the new cell state."""
    keras.utils.set_random_seed(0)
    cell = lstm_variants.NormalizedLSTMCell(3)
    cell.build((None, 2))
    random = np.random.default_rng(1)
    x, h, c = random.normal(size=(4, 2)), random.normal(size=(4, 3)), random.normal(size=(4, 3))
    normal = lambda z: (z - z.mean(-1, keepdims=True)) / np.sqrt(z.var(-1, keepdims=True) + 1e-3)  # noqa: E731
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    z = normal(x @ np.asarray(cell.kernel.kernel)) + normal(h @ np.asarray(cell.recurrent_kernel.kernel))
    i, f, candidate, o = np.split(z, 4, axis=-1)
    expected_c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(candidate)
    expected_h = sigmoid(o) * np.tanh(normal(expected_c))
    out, (new_h, new_c) = cell(x.astype("float32"), [h.astype("float32"), c.astype("float32")])
    np.testing.assert_allclose(new_c, expected_c, atol=1e-5)
    np.testing.assert_allclose(new_h, expected_h, atol=1e-5)
    np.testing.assert_array_equal(out, new_h)
