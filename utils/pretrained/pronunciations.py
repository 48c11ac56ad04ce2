"""Train the pronouncer of lesson 07 in full: the letters of an English word -> its phonemes, one after the other.

    python -m utils.pretrained pronunciations

About an hour on two idle cores. Interrupted, it goes on from the last whole epoch. An encoder of two bidirectional
LSTMs reads the word; a decoder LSTM begins from their last states and writes phonemes, with attention to the states
of all letters (Luong, Pham and Manning 2015: "general" scores, and the context joined to the decoder's state).
Every pronunciation of a training word is one pair. The validation words chose the epoch, by phoneme error of greedy
decoding; the test words are read once, at the end.
"""

import keras
import numpy as np
import tensorflow as tf

from utils import data, environment, error_rates, pairs, text, translation
from utils.pretrained import keeping

NAME = "pronunciations"
SEED = 1
DIMENSION, UNITS = 64, 192  # units of the encoder in each direction; the decoder has twice as many
EPOCHS, BATCH, LEARNING_RATE = 16, 128, 2e-3
LONGEST = 28  # phonemes written at most; the longest pronunciation has 19
LETTERS = text.Vocabulary([text.PAD, text.UNK, *"'abcdefghijklmnopqrstuvwxyz"], "character")


def build(size):
    """Return the model for `size` ids of phonemes: letters (n, s) and phonemes before (n, t) -> logits (n, t, size).

    Ids of letters are those of LETTERS, 0 for padding; phonemes before: <bos>, then what has been written.
    """
    layers = keras.layers
    letters = keras.Input((None,), dtype="int32", name="letters")
    before = keras.Input((None,), dtype="int32", name="before")

    letter_embedding = layers.Embedding(len(LETTERS), DIMENSION, mask_zero=True, name="letter_embedding")
    mask = letter_embedding.compute_mask(letters)  # passed by hand below: not every Keras passes it on
    x = layers.Dropout(0.1)(letter_embedding(letters))
    x = layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True), name="encoder_1")(x, mask=mask)
    top = layers.LSTM(UNITS, return_sequences=True, return_state=True)
    memory, *states = layers.Bidirectional(top, name="encoder_2")(layers.Dropout(0.3)(x), mask=mask)
    forward_h, forward_c, backward_h, backward_c = states
    h = layers.Concatenate(name="hidden_state")([forward_h, backward_h])
    c = layers.Concatenate(name="cell_state")([forward_c, backward_c])

    y = layers.Dropout(0.1)(layers.Embedding(size, DIMENSION, name="phoneme_embedding")(before))
    y = layers.LSTM(2 * UNITS, return_sequences=True, name="decoder")(y, initial_state=[h, c])
    query = layers.Dense(2 * UNITS, use_bias=False, name="query")(y)
    context = layers.Attention(name="attention")([query, memory], mask=[None, mask])
    joined = layers.Dense(2 * UNITS, "tanh", name="joined")(layers.Concatenate()([y, context]))
    logits = layers.Dense(size, name="logits")(layers.Dropout(0.3)(joined))
    return keras.Model([letters, before], logits, name="pronouncer")


def parts(model):
    """Return (encode, step) of a model: what it does once a word, and what it does once a phoneme; same weights.

    encode: letters (n, s) -> ((h, c) of shape (n, units), memory (n, s, units)).
    step: ids of the last phonemes (n,), (h, c), memory, mask (n, s), True at letters -> (logits (n, size), (h, c),
    attention weights (n, s), which are 0 at padding).
    """
    outputs = [model.get_layer(name).output for name in ("hidden_state", "cell_state", "encoder_2")]
    encoder = keras.Model(model.input[0], [*outputs[:2], outputs[2][0]])
    embedding, decoder, query, joined, logits = (
        model.get_layer(name) for name in ("phoneme_embedding", "decoder", "query", "joined", "logits")
    )

    def encode(letters):
        h, c, memory = encoder(letters)
        return (h, c), memory

    def step(ids, states, memory, mask):
        h, states = decoder.cell(embedding(ids), states)
        scores = keras.ops.einsum("nd,nsd->ns", query(h), memory)
        weights = keras.ops.softmax(keras.ops.where(mask, scores, -np.inf))
        context = keras.ops.einsum("ns,nsd->nd", weights, memory)
        return logits(joined(keras.ops.concatenate([h, context], axis=-1))), tuple(states), weights

    return encode, step


def translator(model, vocabulary):
    """Return a translation.Translator of words in small letters into phonemes."""
    limits = {"longest_source": data.LONGEST_WORD, "max_length": LONGEST}
    return translation.Translator(*parts(model), LETTERS, vocabulary, **limits)


def error(model, vocabulary, table, width=1):
    """Return the error_rates.Rates of phonemes and of words in a DataFrame of `data.load_pronunciations`.

    width: of the beam; 1 is greedy.
    """
    references = [[one.split() for one in several] for several in table.pronunciations]
    found = translator(model, vocabulary).beam_search(table.word, width)
    return error_rates.rates(references, [best.tokens for best, *_ in found])


def scores(model, vocabulary):
    """Return what the card says: error rates on the validation and test words, a dictionary."""
    words, found = data.load_pronunciations(), {}
    for part in ("validation", "test"):
        for width, how in ((1, "greedy"), (5, "beam of 5")):
            rates = error(model, vocabulary, getattr(words, part), width)
            found |= {f"{part} phoneme error, {how}": rates.token, f"{part} word error, {how}": rates.sequence}
    return {field: round(value, 4) for field, value in found.items()}


def sample(model, vocabulary):
    """Return the mean loss (nats a phoneme) on 64 validation words: quick to compute, always equal."""
    words = data.load_pronunciations().validation[:64]
    first = [several[0] for several in words.pronunciations]
    [(inputs, after)] = pairs.batches(words.word, first, LETTERS, vocabulary, len(words), shuffle=False)
    return float(keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)(after, model(inputs)))


def ship(model, vocabulary, seconds):
    """Save a trained model with its card."""
    words = data.load_pronunciations()
    keeping.ship(
        NAME,
        model,
        vocabulary,
        scores,
        sample,
        title="The letters of an English word -> its phonemes",
        data=f"data.load_pronunciations(seed=0): {len(words.train):,} words to train on, {len(words.validation):,} to "
        f"choose with, {len(words.test):,} to test once",
        seconds=seconds,
    )


def main():
    """Train, save the best epoch, load it again, and write the scores of what was loaded."""
    environment.start(seed=SEED, data=["cmudict"])
    # Matrix products in bfloat16, 1.3 times as fast where the processor has them; the weights stay float32.
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    words = data.load_pronunciations()
    train = words.train.explode("pronunciations")
    vocabulary = text.Vocabulary.from_texts(train.pronunciations, bounds=True)
    dataset = pairs.batches(train.word, train.pronunciations, LETTERS, vocabulary, BATCH, seed=SEED)
    model = build(len(vocabulary))
    optimizer = keras.optimizers.Adam(keeping.warm_cosine(LEARNING_RATE, EPOCHS * len(dataset)), clipnorm=1.0)
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0))
    weights, seconds = keeping.train(
        NAME, model, dataset, EPOCHS, lambda trained: error(trained, vocabulary, words.validation).token
    )
    model.set_weights(weights)
    ship(model, vocabulary, seconds)


if __name__ == "__main__":
    main()
