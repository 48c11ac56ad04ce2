"""Train the recogniser of lesson 08 in full: the sound of English digits and commands -> their letters, by CTC.

    python -m utils.pretrained spoken-words

About an hour on one core. Interrupted, it goes on from the last whole epoch. Two bidirectional LSTMs read the
frames of an utterance, two at a time; a letter or the blank is chosen at each step. Half of the utterances hold digits
alone, half digits and commands; the noise is 10 to 30 decibels weaker than the speech. The validation utterances chose
the epoch; those of the test voices are read once, at the end.
"""

import keras
import pandas as pd
import tensorflow as tf

from utils import ctc, environment, speech, spoken_words, text
from utils.pretrained import keeping
from utils.pretrained.digit_recognisers import word_error

NAME = "spoken-words"
SEED = 1
UNITS = 128  # in each direction
EPOCHS, BATCH, LEARNING_RATE = 8, 32, 4e-3
TRAIN, VALIDATION, TEST = 12_000, 500, 1_000  # utterances of each kind
WORDS = spoken_words.DIGITS + spoken_words.COMMANDS


def build(size):
    """Return the model for `size` letters, the blank first: frames (n, t, 40) -> logits (n, t / 2, size)."""
    layers = keras.layers
    frames = keras.Input((None, speech.BANDS), name="frames")
    x = layers.SpatialDropout1D(0.1)(frames)  # whole bands: voices differ in where their formants lie
    x = layers.Conv1D(UNITS, 5, strides=ctc.REDUCTION, padding="same", activation="relu", name="convolution")(x)
    for number in (1, 2):
        x = layers.Dropout(0.2)(layers.LayerNormalization(name=f"normalisation_{number}")(x))
        x = layers.Bidirectional(layers.LSTM(UNITS, return_sequences=True), name=f"bidirectional_{number}")(x)
    logits = layers.Dense(size, name="logits")(layers.Dropout(0.2)(x))
    return keras.Model(frames, logits, name="recogniser")


def utterances(count, variants, seed, rates=(spoken_words.MADE_AT,)):
    """Return `count` utterances of digits and as many of digits and commands, with frames: two DataFrames."""
    return [
        spoken_words.with_frames(spoken_words.draw(count, words, variants, seed + kind, rates), seed + kind)
        for kind, words in enumerate((spoken_words.DIGITS, WORDS))
    ]


def test_utterances(count=TEST):
    """Return the utterances of the voices that the network has not heard, as `utterances`."""
    return utterances(count, spoken_words.TEST_VARIANTS, 300)


def scores(model, vocabulary):
    """Return what the card says: word error rates on voices never heard, a dictionary."""
    found = {}
    for kind, table in zip(("digits", "digits and commands"), test_utterances(), strict=True):
        for width, how in ((1, "greedy"), (8, "beam of 8")):
            found[f"test word error, {kind}, {how}"] = round(word_error(model, vocabulary, table, width), 4)
    return found


def sample(model, vocabulary):
    """Return the mean loss (nats an utterance) on 32 test utterances of digits: quick to compute, always equal."""
    table = spoken_words.load_small().test[:32]
    [(frames, ids)] = ctc.batches(table.frames, table.text, vocabulary, len(table), shuffle=False)
    return float(keras.losses.CTC()(ids, model(frames)))


def main():
    """Train, save the best epoch, load it again, and write the scores of what was loaded."""
    environment.start(seed=SEED)
    # Matrix products in bfloat16 where the processor has them; the weights stay float32.
    tf.config.optimizer.set_experimental_options({"auto_mixed_precision_onednn_bfloat16": True})
    variants = spoken_words.train_variants()
    train = pd.concat(utterances(TRAIN, variants, 100, spoken_words.TRAIN_RATES))
    validation = pd.concat(utterances(VALIDATION, variants, 200))
    vocabulary = text.Vocabulary([text.PAD, text.UNK, *spoken_words.LETTERS], "character")
    dataset = ctc.batches(train.frames, train.text, vocabulary, BATCH, seed=SEED)
    model = build(len(vocabulary))
    optimizer = keras.optimizers.Adam(keeping.warm_cosine(LEARNING_RATE, EPOCHS * len(dataset)), global_clipnorm=1.0)
    model.compile(optimizer, keras.losses.CTC())
    weights, seconds = keeping.train(
        NAME, model, dataset, EPOCHS, lambda trained: word_error(trained, vocabulary, validation)
    )
    model.set_weights(weights)
    keeping.ship(
        NAME,
        model,
        vocabulary,
        scores,
        sample,
        title="The sound of English digits and commands -> their letters",
        data=f"eSpeak NG: {2 * TRAIN:,} utterances in {len(variants)} voices to train on, {2 * TEST:,} in "
        f"{len(spoken_words.TEST_VARIANTS)} other voices to test once; one to five words",
        seconds=seconds,
    )


if __name__ == "__main__":
    main()
