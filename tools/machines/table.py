"""The table of claims: how far each bound is from what it bounds, in units of the spread over machines and seeds.

A claim is a comparison of sizes in an assert, in a cell of solutions/ or in a test that trains or samples. Its row
in tests/claims.csv is written by python -m tools.machines; tests/test_machines.py refuses a claim without a row.
"""

import csv
import io
import math
import statistics

import nbformat

from tools.machines import recording
from utils import cells, environment, files

ROOT = environment.course_root()
PATH = ROOT / "tests" / "claims.csv"
# The tests whose numbers come out of training or sampling.
TESTS = ("test_generation", "test_pretrained")
# Comparisons that hold whatever was trained, by arithmetic: how near they come says nothing.
CERTAIN = {
    # h = o tanh(c), with o below 1 and |tanh(c)| < |c|.
    ("solutions/03_lstm_gates", "np.abs(h_last) < np.abs(c_last)"),
    ("solutions/05_text_classification", "np.abs(hidden) < np.abs(cell)"),
}
# Tests that compare times, sizes and records: nothing in them was trained or drawn.
OTHERS = (
    "test_speed",
    "test_memory",
    "test_fresh_process",
    "test_a_shipped_model_has_",
    "test_the_shipped_models_are_",
)
LEAST = 3  # spreads: nearer than that, another processor or seed may break the claim
COLUMNS = ["where", "claim", "value", "bound", "least", "most", "spread", "scale", "variants", "seeds", "distance"]


def places():
    """Return the files whose claims have rows, as paths: the notebooks of solutions/ and some tests."""
    return [*sorted((ROOT / "solutions").glob("*.ipynb")), *(ROOT / "tests" / f"{name}.py" for name in TESTS)]


def name_of(path):
    """Return what a file is called in the table: "solutions/02_why_rnns_forget", "tests/test_generation"."""
    return path.relative_to(ROOT).with_suffix("").as_posix()


def claims_of(path):
    """Return the claims of a notebook or a test module: a list of str, in their order."""
    if path.suffix == ".py":
        found = recording.claims([path.read_text(encoding="utf-8")], "test_")
        return [claim for claim in found if not claim.startswith(OTHERS)]
    code = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return recording.claims(cell.source for cell in code if not cells.is_setup(cell) and not cells.check_of(cell))


def row(where, claim, records):
    """Return the row of one claim.

    records: dictionaries with sign, left, right, variant, shift and test; each run may hold several, from a loop or
    from several seeds of a test. Of each run and test the closest comparison counts. How the distance is measured, see
    `distance`: on the linear scale; or on that of logarithms, for positive sides of which one is at least twice the
    other (norms, errors), where it is larger there: a norm of 1e6 that varies by factors is far above 10. A comparison
    of the same numbers in every run is "exact".
    """
    if not records:
        return {"where": where, "claim": claim, "scale": "not numbers"}
    closest = {}
    for record in records:
        key = record["variant"], record["shift"], record["test"]
        if key not in closest or margin(record) < margin(closest[key]):
            closest[key] = record
    chosen = list(closest.values())
    left, right = ([record[side] for record in chosen] for side in ("left", "right"))
    middle, bound = statistics.median(left), statistics.median(right)
    entry = {"where": where, "claim": claim, "value": f"{middle:.4g}", "bound": f"{bound:.4g}"}
    entry |= {"variants": len({record["variant"] for record in chosen})}
    entry |= {"seeds": len({record["shift"] for record in chosen})}
    if len(set(left)) == len(set(right)) == 1 and margin(chosen[0]) >= 0:
        return entry | {"scale": "exact"}
    entry |= {"least": f"{min(left):.4g}", "most": f"{max(left):.4g}"}
    if (where, claim) in CERTAIN:
        return entry | {"scale": "certain"}
    measured = {"linear": distance(chosen)}
    if min(left + right) > 0 and max(middle / bound, bound / middle) >= 2:
        measured["logarithmic"] = distance(chosen, logarithmic=True)
    scale = max(measured, key=lambda name: measured[name][0])
    far, spread = measured[scale]
    return entry | {"spread": f"{spread:.2g}", "scale": scale, "distance": f"{far:.1f}"}


def distance(records, logarithmic=False):
    """Return (distance, spread) of a claim: its margin in units of the spread, and the spread itself.

    The spread is the standard deviation over the seeds (on this machine as it is) and that over the variants (with
    the lessons' own seeds), added as variances. The margin is the smaller of the two medians.
    """
    margins = [(record, margin(record, logarithmic)) for record in records]
    seeds = [room for record, room in margins if record["variant"] == "as it is"]
    machines = [room for record, room in margins if record["shift"] == 0]
    groups = [group for group in (seeds, machines) if group]
    spread = math.hypot(*(statistics.stdev(group) if len(group) > 1 else 0 for group in groups))
    room = min(statistics.median(group) for group in groups)
    return (room / spread if spread else math.copysign(math.inf, room)), spread


def margin(record, logarithmic=False):
    """Return how much room a comparison has: negative where it does not hold."""
    left, right = record["left"], record["right"]
    room = math.log(left / right) if logarithmic else left - right
    return room if record["sign"] in (">", ">=") else -room


def read(path=PATH):
    """Return the rows of the table: a list of dictionaries with COLUMNS."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(rows, path=PATH):
    """Write the table."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(path, text.getvalue())


def faults(rows, known):
    """Return complaints about a table: rows that are missing or left over, and claims that stand too near.

    known: (where, claim) of all claims that there are.
    """
    have = {(entry["where"], entry["claim"]) for entry in rows}
    missing = [f"{where}: no row for: {claim}" for where, claim in known if (where, claim) not in have]
    left_over = [f"{where}: there is no such claim: {claim}" for where, claim in sorted(have - set(known))]
    near = [
        f"{entry['where']}: {entry['distance']} spreads from its bound: {entry['claim']}"
        for entry in rows
        if entry["distance"] and not float(entry["distance"]) >= LEAST
    ]
    return missing + left_over + near
