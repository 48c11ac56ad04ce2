"""What the training programs share: the best epoch is kept, and an interruption costs one epoch at most."""

import csv
import io
import time

import keras
import numpy as np

from utils import environment, files, pretrained


class KeepBest(keras.callbacks.Callback):
    """After each epoch, score the model and keep its weights in a file if none scored lower.

    score: a function of the model, lower is better; it is logged as val_loss.
    """

    def __init__(self, path, score):
        super().__init__()
        self.path, self.score = path, score
        self.best = _read(path, "loss")[1] if path.exists() else np.inf

    def on_epoch_end(self, epoch, logs=None):
        """Score, and write where it pays."""
        logs["val_loss"] = loss = self.score(self.model)
        if loss < self.best:
            self.best = loss
            _write(self.path, self.model.get_weights(), loss=loss)

    def weights(self):
        """Return the weights of the best epoch, a list of arrays."""
        return _read(self.path, "loss")[0]


def train(name, model, dataset, epochs, score, callbacks=()):
    """Fit a compiled model; return (the weights of its best epoch, the seconds that all epochs take).

    Interrupted and started again it goes on from the last whole epoch, and knows the best one. What has been trained
    is kept until `ship` has saved it: to be interrupted while the scores are computed loses nothing, either.
    """
    cache = environment.course_root() / ".cache"
    cache.mkdir(exist_ok=True)
    backup, best_file, trained = cache / name, cache / f"{name}.best.npz", _trained(name)
    if not trained.exists():
        if not backup.exists():
            best_file.unlink(missing_ok=True)  # of another training
        best = KeepBest(best_file, score)
        started = time.perf_counter()
        history = model.fit(
            dataset,
            epochs=epochs,
            shuffle=False,
            verbose=1,
            callbacks=[*callbacks, best, keras.callbacks.BackupAndRestore(backup)],
        )
        # Even where it went on from a backup:
        seconds = (time.perf_counter() - started) / len(history.epoch) * epochs
        _write(trained, best.weights(), seconds=seconds)
        best_file.unlink()
    return _read(trained, "seconds")


def _write(path, weights, **number):
    """Write weights, a list of arrays, and one number that has a name to a file."""
    buffer = io.BytesIO()
    np.savez(buffer, **number, **{str(index): weight for index, weight in enumerate(weights)})
    files.write_bytes(path, buffer.getvalue())


def _read(path, name):
    """Return (weights, number) from a file: what _write wrote with that name."""
    with np.load(path) as stored:
        return [stored[str(index)] for index in range(len(stored.files) - 1)], float(stored[name])


def _trained(name):
    """Return the path of a file that holds what was trained until it has been scored and saved."""
    return environment.course_root() / ".cache" / f"{name}.trained.npz"


def ship(name, model, vocabulary, score, sample, *, title, data, seconds):
    """Save a model with its card, the scores on which are those of the model that will be loaded: of rounded weights.

    score: a function of that model and its vocabulary, gives a dictionary. sample: another, gives one number that a
    test computes again in a second or two. Nothing is written before both have been computed.
    """
    stored = pretrained.as_loaded(name, model, vocabulary)
    scores = score(stored, vocabulary)
    pretrained.save(
        name,
        model,
        vocabulary,
        title=title,
        data=data,
        command=f"python -m utils.pretrained {name}",
        seconds=round(seconds),
        score=scores,
        sample=round(sample(stored, vocabulary), 4),
    )
    _trained(name).unlink(missing_ok=True)
    print(scores)


def table(name, fields, trainings, train):
    """Write the table data/pretrained/NAME.csv of many trainings, and show the last row of each as it is made.

    fields: the columns; the first two say which training a row is of. trainings: those pairs, (label, seed), in the
    table's order. train(label, seed) returns a training's rows, a list of dictionaries. Interrupted, it goes on from
    the last whole training.
    """
    kept = environment.course_root() / ".cache" / f"{name}.csv"
    kept.parent.mkdir(exist_ok=True)
    rows = list(csv.DictReader(io.StringIO(kept.read_text(encoding="utf-8")))) if kept.exists() else []
    done = {(row[fields[0]], int(row[fields[1]])) for row in rows}
    for label, seed in trainings:
        if (label, seed) not in done:
            rows += train(label, seed)
            files.write_text(kept, _written(fields, rows))
            print(*rows[-1].values(), flush=True)
    files.write_text(pretrained.FOLDER / f"{name}.csv", _written(fields, rows))
    kept.unlink()


def _written(fields, rows):
    """Return rows, dictionaries, as the text of a CSV file."""
    file = io.StringIO()
    writer = csv.DictWriter(file, fields, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def warm_cosine(highest, steps, warm=200, *, first=0.05, last=0.005):
    """Return a learning rate that rises for `warm` steps to its highest and then falls to nearly 0 (cosine).

    first, last: where it begins and ends, as shares of the highest.
    """
    return keras.optimizers.schedules.CosineDecay(
        first * highest, steps - warm, alpha=last, warmup_target=highest, warmup_steps=warm
    )
