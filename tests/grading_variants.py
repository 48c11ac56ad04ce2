"""Ways to hand in one answer, that to exercise 0.1: right ones, which all score, and wrong ones, which all score 0.

Each is a dictionary: answer (the source of the answer cell; None: the stub stays), above and below (cells beside it),
end (cells at the end of the notebook), setup (lines below the Setup cell's own), bare (True: no metadata anywhere),
merged (True: the check is in the answer cell).
"""

# ruff: noqa: E501  (one way stands in one line, where it can)
import copy

import grading_class as made

HEAD = "# exercise: 0.1\n"
NP = "import numpy as np\n"
DEF = "def mean_over_time(x):\n"
PLAIN = f"{DEF}    return x.mean(axis=1)\n"
WRONG = f"{DEF}    return x.mean(axis=0)\n"
CALLS = f"{DEF}    return helper(x)\n"
GOOD, BAD = "def helper(x):\n    return x.mean(axis=1)\n", "def helper(x):\n    return x.mean(axis=0)\n"
QUESTION = f'{DEF}    """Which axis is time?\n\n    Is it %s?\n    """\n    return x.mean(axis=1)\n'

RIGHT = {
    "plain": {"answer": HEAD + PLAIN},
    "a decorated helper": {
        "above": ["from dataclasses import dataclass\n@dataclass\nclass Axis:\n    number: int\n"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=Axis(1).number)\n",
    },
    "a decorated answer": {
        "above": ["import functools\ndef same(f):\n    return functools.wraps(f)(lambda *a: f(*a))\n"],
        "answer": f"{HEAD}@same\n{PLAIN}",
    },
    "a registered helper": {
        "above": [
            "import functools, numpy as np\n@functools.singledispatch\ndef helper(x):\n    return None\n",
            "@helper.register\ndef _(x: np.ndarray):\n    return x.mean(axis=1)\n",
        ],
        "answer": HEAD + CALLS,
    },
    "star import": {"above": ["from numpy import *"], "answer": f"{HEAD}{DEF}    return mean(x, axis=1)\n"},
    "star import of a builtin's name": {
        "above": ["from numpy import *"],
        "answer": f"{HEAD}{DEF}    return sum(x, axis=1) / x.shape[1]\n",
    },
    "an import in Setup": {"setup": "from numpy import mean", "answer": f"{HEAD}{DEF}    return mean(x, axis=1)\n"},
    "a helper in Setup": {"setup": GOOD, "answer": HEAD + CALLS},
    "inside try": {"answer": f"{HEAD}try:\n    import nothing_like_it\nexcept ImportError:\n    {DEF}        return x.mean(axis=1)\n"},
    "inside if": {"answer": f"{HEAD}if True:\n    {DEF}        return x.mean(axis=1)\n"},
    "a helper inside try": {
        "above": ["try:\n    from numpy import mean as helper_mean\nexcept ImportError:\n    helper_mean = None\n"],
        "answer": f"{HEAD}{DEF}    return helper_mean(x, axis=1)\n",
    },
    "a helper inside if": {"above": [f"if True:\n    {GOOD.replace(chr(10), chr(10) + '    ')}"], "answer": HEAD + CALLS},
    "a value from a with": {
        "above": ["import contextlib\nwith contextlib.nullcontext(1) as axis:\n    pass\n"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=axis)\n",
    },
    "a value from a loop": {
        "above": ["axes = {}\nfor number, name in enumerate(['row', 'time']):\n    axes[name] = number\n"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=axes['time'])\n",
    },
    "a walrus": {"above": ["print(axis := 1)"], "answer": f"{HEAD}{DEF}    return x.mean(axis=axis)\n"},
    "split, the definition below": {"answer": HEAD + NP, "below": [PLAIN]},
    "split, the definition above": {"above": [PLAIN], "answer": f"{HEAD}# done above\n"},
    "split, two helpers": {"answer": HEAD + GOOD, "below": [CALLS]},
    "merged with its check": {"answer": HEAD + PLAIN, "merged": True},
    "merged, and without metadata": {"answer": PLAIN, "merged": True, "bare": True},
    "a dictionary that is filled": {
        "above": ["axes = {}", "axes['time'] = 1"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=axes['time'])\n",
    },
    "an attribute of the answer": {
        "answer": f"{HEAD}{DEF}    mean_over_time.calls += 1\n    return x.mean(axis=1)\n",
        "below": ["mean_over_time.calls = 0"],
    },
    "an attribute of a helper": {
        "above": [GOOD, "helper.calls = 0"],
        "answer": f"{HEAD}{DEF}    helper.calls += 1\n    return helper(x)\n",
    },
    "augmented": {"above": ["axis = 0", "axis += 1"], "answer": f"{HEAD}{DEF}    return x.mean(axis=axis)\n"},
    "a list that is filled": {
        "above": ["axes = []", "axes.append(1)"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=axes[0])\n",
    },
    "a list handed to a call": {
        "above": ["import heapq\naxes = [3, 1, 2]", "heapq.heapify(axes)"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=axes[0])\n",
    },
    "a helper that is defined again at the end": {"above": [GOOD], "answer": HEAD + CALLS, "end": [BAD]},
    "a helper that is corrected": {"above": [BAD], "answer": HEAD + CALLS, "below": [GOOD]},
    "a helper below": {"answer": HEAD + CALLS, "end": [f"import numpy as mine\n{GOOD.replace('x.mean(', 'mine.mean(x, ')}"]},
    "corrected below": {"answer": HEAD + WRONG, "below": [PLAIN]},
    "played with at the end": {"answer": HEAD + PLAIN, "end": [WRONG]},
    "a copied grade_id": {"answer": PLAIN, "below": [("ex-0-1", "print('all done')")]},
    "a copied first line": {"answer": HEAD + PLAIN, "below": [HEAD + "mean_over_time\n"]},
    "a copy that is no Python": {"answer": HEAD + PLAIN, "below": [f"{HEAD}{DEF}  return ("]},
    "a capital": {"answer": "# Exercise: 0.1\n" + PLAIN, "bare": True},
    "no space": {"answer": "#exercise:0.1\n" + PLAIN, "bare": True},
    "no colon, more words": {"answer": "## EXERCISE 0.1, my answer\n" + PLAIN, "bare": True},
    "behind a title": {"answer": "#@title Answer\n# exercise: 0.1\n" + PLAIN, "bare": True},
    "behind a magic": {"answer": "%%time\n\n# exercise: 0.1\n" + PLAIN, "bare": True},
    "no mark at all": {"answer": PLAIN, "bare": True},
    "no mark, the stub above": {"answer": None, "below": [PLAIN], "bare": True},
    "a magic beside a docstring with ?": {"answer": f"{HEAD}%matplotlib inline\n{QUESTION}"},
    "help beside a docstring with ?": {"answer": f"{HEAD}{QUESTION}mean_over_time?\n"},
    "a shell command": {"answer": f"{HEAD}!ls\n{PLAIN}"},
    "a DataFrame": {"answer": f"{HEAD}{DEF}    import pandas as pd\n    return pd.DataFrame(x.mean(axis=1))\n"},
    "a tensor": {"answer": f"{HEAD}{DEF}    import tensorflow as tf\n    return tf.constant(x.mean(axis=1))\n"},
    "await": {"answer": f"{HEAD}import asyncio\nawait asyncio.sleep(0)\n{PLAIN}"},
    "await in another cell": {
        "above": ["async def find():\n    return 1\naxis = await find()\n"],
        "answer": f"{HEAD}{DEF}    return x.mean(axis=axis)\n",
    },
    "a lambda": {"answer": f"{HEAD}mean_over_time = lambda x: x.mean(axis=1)\n"},
    "another name for it": {"above": [GOOD], "answer": f"{HEAD}mean_over_time = helper\n"},
    "a class": {"answer": f"{HEAD}class Mean:\n    def __call__(self, x):\n        return x.mean(axis=1)\nmean_over_time = Mean()\n"},
    "annotations from the future": {
        "above": ["from __future__ import annotations"],
        "answer": f"{HEAD}def mean_over_time(x: Array) -> Array:\n    return x.mean(axis=1)\n",
    },
    "by exec": {"answer": f"{HEAD}exec({PLAIN!r})\n"},
}  # fmt: skip

_BODIES = {
    "axis 0": "return x.mean(axis=0)", "a sum": "return x.sum(axis=1)", "the last step": "return x[:, -1]",
    "the first step": "return x[:, 0]", "the maximum": "return x.max(axis=1)", "the median": "import numpy as np\nreturn np.median(x, axis=1)",
    "kept axis": "return x.mean(axis=1, keepdims=True)", "all": "return x.mean()", "features": "return x.mean(axis=2)",
    "nothing": "pass", "None": "return None", "zeros": "return 0 * x[:, 0]", "ones": "return 0 * x[:, 0] + 1",
    "off by a little": "return x.mean(axis=1) + 0.001", "a step too few": "return x[:, :-1].mean(axis=1)",
    "a step too many": "return x.sum(axis=1) / (x.shape[1] + 1)", "sign": "return -x.mean(axis=1)", "integers": "return x.mean(axis=1).astype(int)",
    "text": "return str(x.mean(axis=1))", "transposed": "return x.mean(axis=1).T", "a dictionary": "return {'mean': x.mean(axis=1)}",
    "raises": "raise ValueError('no')", "x itself": "return x", "random": "import numpy as np\nreturn np.random.default_rng(0).normal(size=x[:, 0].shape)",
}  # fmt: skip

WRONGS = {
    **{name: {"answer": made.function("0.1", body)} for name, body in _BODIES.items()},
    "the stub": {"answer": None},
    "the stub, and the name in a cell of notes": {"answer": None, "below": ["# mean_over_time comes later"]},
    "the stub, and the check is pressed": {"answer": None, "below": ["print(1)"], "bare": True},
    "the stub's own words": {"answer": f"{HEAD}{DEF}    raise NotImplementedError('Exercise 0.1')\n"},
    "right first, then wrong": {"above": [HEAD + PLAIN], "answer": HEAD + WRONG},
    "wrong below": {"answer": HEAD + PLAIN, "below": [WRONG]},
    "a number below": {"answer": HEAD + PLAIN, "below": ["mean_over_time = 3"]},
    "another name": {"answer": HEAD + PLAIN.replace("mean_over_time", "mean_in_time")},
    "a helper spoilt below": {"above": [GOOD], "answer": HEAD + CALLS, "below": [BAD]},
    "a helper that nobody defines": {"answer": HEAD + CALLS},
    "a helper in Markdown": {"answer": HEAD + CALLS, "end": [("markdown", GOOD)]},
    "a right answer in Markdown": {"answer": None, "below": [("markdown", PLAIN)]},
    "a dictionary filled wrongly": {
        "above": ["axes = {'time': 1}", "axes['time'] = 0"], "answer": f"{HEAD}{DEF}    return x.mean(axis=axes['time'])\n",
    },
    "augmented wrongly": {"above": ["axis = 1", "axis += 1"], "answer": f"{HEAD}{DEF}    return x.mean(axis=axis)\n"},
    "no Python": {"answer": f"{HEAD}{DEF}    return (x.mean(axis=1)\n"},
    "in another language": {"answer": f"%%bash\n{HEAD}{PLAIN}"},
    "an answer that awaits": {"answer": f"{HEAD}async {PLAIN}"},
    "a DataFrame of the wrong axis": {"answer": f"{HEAD}{DEF}    import pandas as pd\n    return pd.DataFrame(x.mean(axis=0))\n"},
    "a merged check of its own": {"answer": f'{HEAD}{WRONG}with checks.exercise("0.1", points=1) as ex:\n    ex.true("yes", True)\n'},
    "deleted": {"answer": f"{HEAD}{PLAIN}del mean_over_time\n"},
}  # fmt: skip


def cell(source):
    """Return a cell's JSON: from a source; or from ("markdown", source), or (grade_id, source)."""
    kind, text = source if isinstance(source, tuple) else ("", source)
    metadata = {"nbgrader": {"grade_id": kind}} if kind.startswith("ex-") else {}
    return {"cell_type": "markdown" if kind == "markdown" else "code", "metadata": metadata, "source": text}


def notebook(answer=None, above=(), below=(), end=(), setup="", bare=False, merged=False):
    """Return lesson 00 as a student hands it in, in one of these ways."""
    found = copy.deepcopy(made.read("lessons", "00"))
    cells = found["cells"]
    [first] = [one for one in cells if made.source_of(one).startswith("# Setup:")]
    first["source"] = f"{made.source_of(first)}\n{setup}\n"
    place, check = made.answer_index(found, "0.1"), made.check_index(found, "0.1")
    if answer is not None:
        cells[place]["source"] = answer
    if merged:
        cells[place]["source"] += made.source_of(cells.pop(check))
    cells[place + 1 : place + 1] = map(cell, below)
    cells[place:place] = map(cell, above)
    cells += map(cell, end)
    for one in cells if bare else ():
        one["metadata"] = {}
    return found
