"""tools/machines: claims are found, recorded and measured, and tests/claims.csv has a row with room for each."""

import ast
import json
import math

import numpy as np
import pytest

from tools.machines import __main__ as command
from tools.machines import recording, table, variants

PROGRAM = """
import numpy as np
scores = {"network": 0.9, "chance": 0.5}
norms = np.array([1.0, 0.5, 0.01])
def guard(x):
    assert x > 0
guard(1)
assert scores["network"] > scores["chance"] + 0.2 and scores["network"] < 1
assert 0 < norms[2] < 0.1, "never said"
assert all(after < before for before, after in zip(norms, norms[1:]))
assert (norms > 0).all() and np.all(norms <= 1)
assert np.allclose(norms, norms + 1e-9, atol=1e-8, rtol=0) and not np.allclose(norms, 2 * norms)
assert not scores["network"] < 0.7
assert scores["chance"] == 0.5 and "network" in scores
for score in scores.values():
    assert score > 0.4
assert scores["network"] > 0.95
assert scores["network"] > 0.4 or scores["network"] > 0.8
print("the end")
"""


@pytest.fixture
def recorded(tmp_path, capsys):
    """Run PROGRAM with its asserts recorded; return the records."""
    path = tmp_path / "records"
    tree = recording.Claims().visit(ast.parse(PROGRAM))
    exec(compile(tree, "program", "exec"), {recording.RECORDER: recording.Recorder(path), "__name__": "__main__"})
    assert capsys.readouterr().out == "the end\n"  # the assert that does not hold has not stopped it
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_comparisons_are_recorded(recorded):
    """Both sides of each, in chains, loops, arrays and negations; of arrays the closest; equality is no claim."""
    compared = [record for record in recorded if "sign" in record]
    sides = [(record["claim"], record["sign"], record["left"], record["right"]) for record in compared]
    assert sides[:4] == [
        ("scores['network'] > scores['chance'] + 0.2", ">", 0.9, 0.7),
        ("scores['network'] < 1", "<", 0.9, 1.0),
        ("0 < norms[2]", "<", 0.0, 0.01),
        ("norms[2] < 0.1", "<", 0.01, 0.1),
    ]
    assert ("norms > 0", ">", 0.01, 0.0) in sides and ("norms <= 1", "<=", 1.0, 1.0) in sides
    assert sum(claim == "after < before" for claim, *_ in sides) == 2
    assert ("not scores['network'] < 0.7", ">=", 0.9, 0.7) in sides
    [close] = [side for side in sides if side[0].startswith("np.allclose")]
    assert close[1] == "<=" and abs(close[2] - 0.1) < 1e-6 and close[3] == 1.0
    [apart] = [side for side in sides if side[0].startswith("not np.allclose")]
    assert apart[1] == ">" and apart[2] > 1e4
    assert [side[2:] for side in sides if side[0] == "score > 0.4"] == [(0.9, 0.4), (0.5, 0.4)]
    assert not any("==" in claim or claim.startswith("x > 0") for claim, *_ in sides)


def test_a_broken_assert_is_recorded(recorded):
    """Only the one that does not hold, by its text."""
    assert [record["failed"] for record in recorded if "failed" in record] == ["scores['network'] > 0.95"]


def test_names_of_claims(recorded):
    """What is found by reading is what is recorded by running; a text that comes again gets a number."""
    found = recording.claims([PROGRAM])
    assert {record["claim"] for record in recorded if "claim" in record} == set(found)
    assert recording.claims(["assert a > 1", "assert a > 1\nassert a < 2"]) == ["a > 1", "a > 1 #2", "a < 2"]
    module = "def test_one():\n    assert a > 1\ndef helper():\n    assert a > 2\nassert a > 3"
    assert recording.claims([module], "test_") == ["test_one: a > 1"]


def records(sign, lefts, right):
    """Return records of one comparison, one run each."""
    common = {"sign": sign, "right": right, "variant": "as it is", "test": ""}
    return [common | {"left": left, "shift": shift} for shift, left in enumerate(lefts)]


def test_distance():
    """The margin in spreads; negative where it does not hold; logarithms where sizes differ; the worse median."""
    row = table.row("where", "claim", records(">", [0.92, 0.9, 0.94], 0.8))
    assert row["scale"] == "linear" and float(row["distance"]) == pytest.approx(0.12 / 0.02, abs=0.06)
    assert float(table.row("where", "claim", records("<", [0.92, 0.9, 0.94], 0.8))["distance"]) == -6.0
    row = table.row("where", "claim", records(">", [1e6, 1e7, 1e5], 10))
    assert row["scale"] == "logarithmic" and float(row["distance"]) == pytest.approx(5.0)
    assert table.row("where", "claim", records("<", [1, 1], 2))["scale"] == "exact"
    assert table.row("where", "claim", records(">", [1, 1], 2))["distance"] == "-inf"
    assert table.row("where", "claim", [])["scale"] == "not numbers"
    [(where, claim), *_] = table.CERTAIN
    assert table.row(where, claim, records("<", [1, 1.9], 2))["scale"] == "certain"


def test_seeds_and_variants_add_up():
    """Their variances are added: 3 and 4 make 5. The margin is that of the group that stands nearer, here 25."""
    seeds = records(">", [130.0, 127.0, 133.0], 100.0)
    others = [dict(seeds[0], variant=str(left), left=left) for left in (121.0, 125.0, 125.0)]
    far, spread = table.distance(seeds + others)
    machines = np.std([130, 121, 125, 125], ddof=1)
    assert spread == pytest.approx(math.hypot(3, machines)) and far == pytest.approx(25 / spread)


def test_of_a_loop_the_closest_counts():
    """Several comparisons in one run are one sample, those of other tests are others."""
    many = records(">", [0.9, 0.8, 0.7], 0.5)
    many[0]["shift"] = 1  # together with the second, 0.8; with the third, 0.7: 0.25 in spreads of 0.07
    assert table.row("where", "claim", many)["distance"] == "3.5"
    many[0]["test"] = "another"  # 0.9, 0.8, 0.7
    assert table.row("where", "claim", many)["distance"] == "3.0"
    many[0]["variant"] = "another"
    assert [table.row("where", "claim", many)[name] for name in ("variants", "seeds")] == [2, 2]


def test_faults_of_a_table():
    """A claim without a row, a row without a claim, and a bound that is too near are named."""
    rows = [
        {"where": "solutions/02", "claim": "a > 1", "distance": "2.9"},
        {"where": "solutions/02", "claim": "b > 1", "distance": "3.0"},
        {"where": "solutions/02", "claim": "c > 1", "distance": "nan"},
        {"where": "solutions/02", "claim": "gone > 1", "distance": ""},
    ]
    known = [("solutions/02", f"{name} > 1") for name in ("a", "b", "c", "new")]
    assert table.faults(rows, known) == [
        "solutions/02: no row for: new > 1",
        "solutions/02: there is no such claim: gone > 1",
        "solutions/02: 2.9 spreads from its bound: a > 1",
        "solutions/02: nan spreads from its bound: c > 1",
    ]


def test_every_claim_has_a_row_with_room():
    """tests/claims.csv was written for what the notebooks and tests assert now: python -m tools.machines does it."""
    known = [(table.name_of(path), claim) for path in table.places() for claim in table.claims_of(path)]
    assert table.faults(table.read(), known) == []


def test_rows_stand_on_many_runs():
    """Each measured claim was compared under at least six variants that round otherwise, and with five seeds."""
    measured = [row for row in table.read() if row["distance"]]
    assert measured
    assert [row for row in measured if int(row["variants"]) < 6 or int(row["seeds"]) < 5] == []
    assert all(math.isfinite(float(row["value"])) for row in measured)


def test_seeds_are_shifted(monkeypatch):
    """NumPy's and Keras's seeds are, those that utils.data draws with are not."""
    monkeypatch.setattr(np.random, "default_rng", np.random.default_rng)
    monkeypatch.setattr(np.random, "RandomState", np.random.RandomState)
    import keras

    from utils import generation

    monkeypatch.setattr(keras.utils, "set_random_seed", lambda seed: seed)
    monkeypatch.setattr(generation.TextGenerator, "generate", lambda self, *_, seed: seed)
    monkeypatch.setattr(generation.TextGenerator, "stream", generation.TextGenerator.stream)
    there, usual = {"__name__": "utils.data", "np": np}, np.random.default_rng(7).random()
    shifted = np.random.default_rng(1007).random()
    old, older = (np.random.RandomState(seed).random_sample() for seed in (1007, 7))
    recording.shift_seeds(1000)
    assert np.random.default_rng(7).random() == np.random.default_rng(seed=7).random() == shifted
    assert eval("np.random.default_rng(7).random()", there) == usual
    assert np.random.RandomState(7).random_sample() == old
    assert eval("np.random.RandomState(7).random_sample()", there) == older
    assert keras.utils.set_random_seed(7) == keras.utils.set_random_seed(seed=7) == 1007
    assert generation.TextGenerator.generate(None, ["a"], seed=3) == 1003


def test_jobs():
    """Every notebook of solutions/ runs under every variant and every seed; tests that do not train, with theirs."""
    jobs = command.jobs(["02"])
    assert len(jobs) == len(variants.VARIANTS) + len(variants.SHIFTS) - 1
    assert len({(variant, shift) for _, variant, shift in jobs}) == len(jobs)
    assert {path.stem for path, _, _ in command.jobs()} >= {"test_padding", "test_text", *table.TESTS}
    assert not command.jobs(["test_launch"])
