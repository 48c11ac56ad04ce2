"""Record what asserts compare: the value, the bound, and how the comparison ended.

    assert accuracy > 0.95 and loss < bound

becomes, before it runs, two calls that write down `accuracy`, 0.95, `loss` and `bound`. Nothing is marked in the
lessons and tests for this: the asserts that learners read are the ones that are recorded. A recorded assert does
not stop the program, so that one run tells about all of them; whether it held is written down as well.

In a kernel this module is an IPython extension, in pytest a plug-in (-p tools.machines.recording). Both do nothing
unless UNROLLED_CLAIMS names a file for the records, or UNROLLED_SEED_SHIFT a number for the seeds.
"""

import ast
import importlib.util
import json
import os
import pathlib
import sys

RECORDER = "__claim__"
OPERATORS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
# Functions that hand on, or gather, the truth of what they are given.
TRANSPARENT = {"all", "np.all", "verdict", "bool"}
CLOSE = {"np.allclose", "np.isclose", "numpy.allclose"}


# --- finding the comparisons ------------------------------------------------------------------------


class Claims(ast.NodeTransformer):
    """Rewrite the asserts of a program; `found` lists the text of each comparison in them.

    functions: None to take the asserts outside of functions (a notebook's cells; what stands in a function may be
    meant to fail), or a prefix such as "test_" to take those of the functions with such names.
    """

    def __init__(self, functions=None):
        self.functions, self.found, self.place = functions, [], None if functions else ""

    def visit_FunctionDef(self, node):
        """Enter a function if its asserts are wanted."""
        if self.functions is None or not node.name.startswith(self.functions):
            return node
        self.place = f"{node.name}: "
        node.body = [self.visit(statement) for statement in node.body]
        self.place = None
        return node

    def visit_Lambda(self, node):
        """Leave it alone."""
        return node

    def visit_Assert(self, node):
        """Turn an assert into a call that records its comparisons and whether it held."""
        if self.place is None:
            return node
        text = ast.unparse(node.test)
        test = self.truth(node.test)
        return _located(ast.Expr(_call("held", ast.Constant(text), test)), node)

    def name(self, text, negated=False):
        """Return the name of a comparison: its text, with the test it stands in, and a number if it comes again."""
        name = self.place + ("not " if negated else "") + text
        again = sum(one == name or one.startswith(f"{name} #") for one in self.found)
        self.found.append(f"{name} #{again + 1}" if again else name)
        return self.found[-1]

    def truth(self, node, negated=False):
        """Return an expression of the same truth that records the comparisons it consists of."""
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And) and not negated:
            node.values = [self.truth(value) for value in node.values]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node.operand = self.truth(node.operand, not negated)
        elif isinstance(node, ast.Compare) and (len(node.ops) == 1 or not negated):
            return self.compared(node, negated)
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in CLOSE and len(node.args) >= 2 and not any(isinstance(one, ast.Starred) for one in node.args):
                key = ast.Constant(self.name(ast.unparse(node), negated))
                options = {word.arg: word.value for word in node.keywords}
                parts = [*node.args, *[ast.Constant(None)] * (4 - len(node.args))]
                parts[2:] = [options.get("rtol", parts[2]), options.get("atol", parts[3])]
                sign = ast.Constant(">" if negated else "<=")
                return _located(_call("close", key, sign, *parts[:4]), node)
            if name in TRANSPARENT:
                node.args[-1] = self.truth(node.args[-1], negated)
            elif isinstance(node.func, ast.Attribute) and node.func.attr == "all" and not negated:
                node.func.value = self.truth(node.func.value)
        elif isinstance(node, (ast.GeneratorExp, ast.ListComp)) and not negated:
            node.elt = self.truth(node.elt)
        return node

    def compared(self, node, negated):
        """Return the recorded form of a comparison, or of a chain of them; only of sizes, not of equality."""
        signs = [OPERATORS.get(type(one)) for one in node.ops]
        if not all(signs):
            return node
        sides = [node.left, *node.comparators]
        links = zip(sides, signs, sides[1:], strict=False)
        keys = [self.name(f"{ast.unparse(a)} {sign} {ast.unparse(b)}", negated) for a, sign, b in links]
        signs = [OPPOSITE[sign] for sign in signs] if negated else signs
        constants = [ast.List([ast.Constant(one) for one in many], ast.Load()) for many in (keys, signs)]
        # The operands are evaluated once, in their order, as in the comparison itself.
        values = ast.List(sides, ast.Load())
        return _located(_call("compared", *constants, values, ast.Constant(negated)), node)


def _call(name, *arguments):
    function = ast.Attribute(ast.Name(RECORDER, ast.Load()), name, ast.Load())
    return ast.Call(function, list(arguments), [])


def _located(new, old):
    return ast.fix_missing_locations(ast.copy_location(new, old))


def claims(sources, functions=None):
    """Return the names of the comparisons that are recorded of a notebook's cells, or a module, in their order."""
    finder = Claims(functions)
    for source in sources:
        finder.visit(ast.parse(source))
    return finder.found


# --- while the program runs -------------------------------------------------------------------------


class Recorder:
    """Appends a line of JSON to a file for each comparison, and for each assert that does not hold."""

    def __init__(self, path):
        self.path, self.test = path, ""

    def write(self, **record):
        """Append one record."""
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"test": self.test, **record}) + "\n")

    def held(self, text, truth):
        """Record an assert that does not hold; do not stop."""
        if not truth:
            self.write(failed=text)

    def compared(self, keys, signs, values, negated=False):
        """Record a chain of comparisons; return what the chain itself would be."""
        result = True
        for key, sign, left, right in zip(keys, signs, values, values[1:], strict=False):
            truth = {"<": _less, "<=": _at_most, ">": _more, ">=": _at_least}[sign](left, right)
            self.numbers(key, sign, left, right)
            result = truth if result is True else result & truth
        if negated:  # the `not` around it stands where it stood
            import numpy as np

            result = np.logical_not(result)
        return result

    def close(self, key, sign, a, b, rtol, atol):
        """Record np.allclose(a, b) as the largest difference in units of what is allowed; return its truth."""
        import numpy as np

        rtol, atol = 1e-5 if rtol is None else rtol, 1e-8 if atol is None else atol
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        with np.errstate(all="ignore"):
            share = np.abs(a - b) / (atol + rtol * np.abs(b))
        self.numbers(key, sign, np.nan_to_num(share, nan=0.0).max(initial=0.0), 1.0)
        return np.allclose(a, b, rtol=rtol, atol=atol)

    def numbers(self, key, sign, left, right):
        """Record the two sides where they are numbers; of arrays, the place where the comparison is closest."""
        import numpy as np

        try:
            left, right = np.broadcast_arrays(np.asarray(left), np.asarray(right))
            if left.dtype.kind not in "iuf" or right.dtype.kind not in "iuf" or not left.size:
                return
        except Exception:
            return
        left, right = left.astype(np.float64), right.astype(np.float64)
        with np.errstate(all="ignore"):
            margin = left - right if sign in (">", ">=") else right - left
        place = np.unravel_index(np.argmin(np.nan_to_num(margin, nan=-np.inf)), margin.shape)
        self.write(claim=key, sign=sign, left=float(left[place]), right=float(right[place]))


def _less(a, b):
    return a < b


def _at_most(a, b):
    return a <= b


def _more(a, b):
    return a > b


def _at_least(a, b):
    return a >= b


# --- other seeds --------------------------------------------------------------------------------------


def shift_seeds(by):
    """Let every seed that lessons and tests give to NumPy, Keras and the generator be another: `by` is added.

    What utils.data draws stays: which reviews are for training is part of the data, not of an experiment.
    """
    import keras
    import numpy as np

    from utils import generation

    def shifted(function, position):
        def call(*arguments, **keywords):
            if sys._getframe(1).f_globals.get("__name__") != "utils.data":
                if isinstance(keywords.get("seed"), int):
                    keywords["seed"] += by
                elif len(arguments) > position and isinstance(arguments[position], int):
                    arguments = list(arguments)
                    arguments[position] += by
            return function(*arguments, **keywords)

        return call

    class RandomState(np.random.RandomState):  # default_rng asks for this class, so it has to stay one
        def __init__(self, seed=None):
            wanted = isinstance(seed, int) and sys._getframe(1).f_globals.get("__name__") != "utils.data"
            super().__init__(seed + by if wanted else seed)

    np.random.default_rng = shifted(np.random.default_rng, 0)
    np.random.RandomState = RandomState
    keras.utils.set_random_seed = shifted(keras.utils.set_random_seed, 0)
    generator = generation.TextGenerator
    generator.generate = _keyword_shifted(generator.generate, by)
    generator.stream = _keyword_shifted(generator.stream, by)


def _keyword_shifted(method, by):
    def call(self, *arguments, seed=0, **keywords):
        return method(self, *arguments, seed=seed + by, **keywords)

    return call


# --- where it is installed ----------------------------------------------------------------------------


def load_ipython_extension(shell):
    """Record the asserts of an IPython kernel, and shift its seeds, as the environment says."""
    path = os.environ.get("UNROLLED_CLAIMS")
    if path:
        shell.user_ns[RECORDER] = Recorder(path)
        shell.ast_transformers.append(Claims())
    if shift := int(os.environ.get("UNROLLED_SEED_SHIFT") or 0):
        shift_seeds(shift)


class _Loader:
    """Finds the test modules before pytest does, and runs them with their asserts recorded."""

    def __init__(self, recorder, folder):
        self.recorder, self.folder = recorder, folder

    def find_spec(self, name, path=None, target=None):
        place = self.folder / f"{name.rpartition('.')[2]}.py"
        if name.startswith("test_") and place.is_file():
            return importlib.util.spec_from_file_location(name, place, loader=self)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        place = pathlib.Path(module.__spec__.origin)
        tree = Claims("test_").visit(ast.parse(place.read_text(encoding="utf-8")))
        module.__dict__[RECORDER] = self.recorder
        exec(compile(tree, str(place), "exec"), module.__dict__)


def pytest_configure(config):
    """Start recording the asserts of the test modules, where a file for it is named."""
    path = os.environ.get("UNROLLED_CLAIMS")
    if path:
        config.claims = Recorder(path)
        sys.meta_path.insert(0, _Loader(config.claims, pathlib.Path(config.rootpath) / "tests"))
    if shift := int(os.environ.get("UNROLLED_SEED_SHIFT") or 0):
        shift_seeds(shift)


def pytest_runtest_setup(item):
    """Write down which test a comparison belongs to."""
    if recorder := getattr(item.config, "claims", None):
        recorder.test = item.name
