"""Train the classifier of lesson 05 in full: IMDB review -> one logit, above 0 for positive.

    python -m utils.pretrained imdb-classifier

About five minutes on two idle cores. Interrupted, it goes on from the last whole epoch. Every choice
(layers, dropout, epochs, learning rate) was made on the 2,000 validation reviews; the 5,000 test reviews are
read once, at the end.
"""

import time

import keras
import numpy as np

from utils import data, environment, text
from utils.pretrained import keeping

NAME = "imdb-classifier"
SEED = 1
WORDS, DIMENSION, UNITS = 20_000, 50, 64
EPOCHS, BATCH, MAX_LENGTH, LEARNING_RATE = 5, 64, 400, 2e-3
LONGEST = 1_500  # tokens read of a review when it is scored; three reviews in a thousand are longer


def build(size):
    """Return the model for a vocabulary of `size` ids: ids, shape (n, t), 0 for padding -> logits, shape (n, 1)."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    embedding = keras.layers.Embedding(size, DIMENSION, mask_zero=True, name="embedding")
    mask = embedding.compute_mask(ids)  # passed by hand below: not every Keras passes it on
    vectors = keras.layers.SpatialDropout1D(0.3)(embedding(ids))
    states = keras.layers.Bidirectional(keras.layers.LSTM(UNITS, return_sequences=True))(vectors, mask=mask)
    mean = keras.layers.GlobalAveragePooling1D()(states, mask=mask)
    pooled = keras.layers.Dropout(0.5)(mean)
    return keras.Model(ids, keras.layers.Dense(1, name="logit")(pooled), name="imdb_classifier")


def compile_model(model, learning_rate=LEARNING_RATE):
    """Give the model its optimizer, its loss and accuracy."""
    model.compile(
        keras.optimizers.Adam(learning_rate, clipnorm=1.0),
        keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(name="accuracy", threshold=0.0)],
    )


def accuracy(model, vocabulary, table):
    """Return the share of the rows of a DataFrame (text, label) that the model gets right."""
    batches = text.batches(table.text, table.label, vocabulary, 128, max_length=LONGEST, shuffle=False)
    compile_model(model)
    return float(model.evaluate(batches, verbose=0, return_dict=True)["accuracy"])


def scores(model, vocabulary):
    """Return what the card says: the accuracy on the validation and test reviews, a dictionary."""
    reviews = data.load_reviews("imdb")
    tables = {"validation": reviews.validation, "test": reviews.test}
    return {f"{part} accuracy": round(accuracy(model, vocabulary, table), 4) for part, table in tables.items()}


def sample(model, vocabulary):
    """Return the mean loss (nats) on the first 100 tokens of 64 test reviews: quick to compute, always equal."""
    rows = data.load_reviews("imdb").test[:64]
    logits = model(text.pad([vocabulary.encode(review) for review in rows.text], 100))
    labels = np.asarray(rows.label, np.float32)[:, None]
    return float(np.mean(keras.losses.binary_crossentropy(labels, logits, from_logits=True)))


def main():
    """Train, save, load again, and write the scores of what was loaded."""
    environment.start(seed=SEED)
    reviews = data.load_reviews("imdb")
    vocabulary = text.Vocabulary.from_texts(reviews.train.text, max_size=WORDS)
    train = text.batches(reviews.train.text, reviews.train.label, vocabulary, BATCH, max_length=MAX_LENGTH, seed=SEED)
    validation = text.batches(
        reviews.validation.text, reviews.validation.label, vocabulary, 128, max_length=MAX_LENGTH, shuffle=False
    )
    model = build(len(vocabulary))
    model.get_layer("embedding").set_weights([data.load_glove(vocabulary, DIMENSION).matrix])
    schedule = keeping.warm_cosine(LEARNING_RATE, EPOCHS * len(train), warm=100, first=0.1, last=0.01)
    compile_model(model, schedule)
    resume = keras.callbacks.BackupAndRestore(environment.course_root() / ".cache" / NAME)
    started = time.perf_counter()
    history = model.fit(train, validation_data=validation, epochs=EPOCHS, shuffle=False, verbose=2, callbacks=[resume])
    seconds = (time.perf_counter() - started) / len(history.epoch) * EPOCHS  # even where it went on from a backup

    keeping.ship(
        NAME,
        model,
        vocabulary,
        scores,
        sample,
        title="IMDB review -> positive or negative",
        data="data.load_reviews('imdb', seed=0): 17,902 to train on, 2,000 to choose with, 5,000 to test once",
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
