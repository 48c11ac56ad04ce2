"""The cells of a notebook as statements: what each defines, changes and needs, by Python's own rules.

Runs in the student's process only, for it parses what students wrote.
"""

import ast
import copy
import functools
import symtable

from IPython.core.inputtransformer2 import TransformerManager

# Cell magics below which there is Python that the notebook itself runs.
TRANSPARENT = ("%%time", "%%timeit", "%%capture", "%%prun")
# What a statement may call with a value without changing it.
LOOKING = {"print", "display", "len", "type", "help", "repr", "str", "assert"}
BROKEN = (SyntaxError, ValueError, RuntimeError, MemoryError)  # RuntimeError: IPython gives up, or Python too deep


def readable(source):
    """Return a cell's source as plain Python: IPython's own lines (%, !, ?) become the calls that it makes of them."""
    try:
        ast.parse(source)
        return source
    except SyntaxError:
        pass
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        return f"# {first}\n{readable(rest)}" if first.split()[0] in TRANSPARENT else ""
    return TransformerManager().transform_cell(source)


class Cell:
    """A code cell: its kind (see `handed_in.KINDS`), its source as Python, and its statements."""

    def __init__(self, kind, source):
        self.kind, self.source = kind, source

    @functools.cached_property
    def python(self):
        """Return the source as plain Python."""
        return readable(self.source)

    @functools.cached_property
    def tree(self):
        """Return the syntax tree without the exercise's check, or None where the cell is no Python."""
        try:
            tree = ast.parse(self.python)
        except BROKEN:
            return None
        tree.body = [node for node in tree.body if not _is_check(node)]
        return tree

    @functools.cached_property
    def pieces(self):
        """Return the statements as a list of Piece; none where the cell is no Python."""
        try:
            return [Piece(node) for node in self.tree.body] if self.tree is not None else []
        except BROKEN:
            return []

    def binds(self, names):
        """Tell whether the cell defines one of these names."""
        return any(name in self.source for name in names) and any(piece.binds & names for piece in self.pieces)


def _is_check(node):
    """Tell whether a statement is `with checks.exercise(...) as ex:`, which the grader runs from its own text."""
    if not isinstance(node, ast.With):
        return False
    return any(ast.unparse(item.context_expr).startswith("checks.exercise(") for item in node.items)


class Piece:
    """One statement. binds, changes, handed (to a call that may change it) and needs are sets of top-level names."""

    def __init__(self, node):
        self.node = node
        self.text = ast.unparse(node)  # with its decorators
        alone = ast.unparse(_Generators().visit(copy.deepcopy(node)))
        top = symtable.symtable(alone, "<cell>", "exec")
        symbols = top.get_symbols()
        self.binds = {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}
        self.needs = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
        for child in top.get_children():
            self.needs |= _globals_of(child)
            self.binds |= _bound_inside(child)
        own = self.is_definition()
        changed, self.handed = _changed(node)
        self.changes = changed - self.binds
        self.needs = self.needs - {node.name} if own else self.needs | changed
        # It stands for its names alone: what they were before does not matter.
        self.whole = own or isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign))
        # What cannot be told by its names: every piece after it may lean on it.
        self.always = isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*")
        self.imports = isinstance(node, (ast.Import, ast.ImportFrom))

    def is_definition(self):
        """Tell whether the statement is a `def` or a `class`."""
        return isinstance(self.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


class _Generators(ast.NodeTransformer):
    """Make a generator of each comprehension: from Python 3.12 on, a comprehension's names count as those around it."""

    def _generator(self, node):
        self.generic_visit(node)
        element = ast.Tuple([node.key, node.value], ast.Load()) if isinstance(node, ast.DictComp) else node.elt
        return ast.GeneratorExp(element, node.generators)

    visit_ListComp = visit_SetComp = visit_DictComp = _generator  # noqa: N815  (ast's names)


def _globals_of(table):
    """Return the names that a function or class, and those inside it, look up at the top level."""
    found = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return found.union(*map(_globals_of, table.get_children()))


def _bound_inside(table):
    """Return the names that a comprehension at the top level defines there: [b for b in c if (a := b)]."""
    if not table.get_name().endswith(("comp", "genexpr")):
        return set()
    return {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_assigned()}


def _changed(node):
    """Return the names whose values a statement changes in place, and those that it hands to a call for its effect.

    The first: d["a"] = 1, f.calls = 0, k += 1, names.append(x), @f.register. The second: shuffle(names).
    """
    changed, handed = set(), set()
    for part in _same_scope(node):
        if isinstance(part, (ast.Subscript, ast.Attribute)) and isinstance(part.ctx, (ast.Store, ast.Del)):
            changed.add(_base(part))
        elif isinstance(part, ast.AugAssign):
            changed.add(_base(part.target))
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            changed.add(_base(part.value.func, least=1))
            if getattr(part.value.func, "id", "") not in LOOKING:
                handed |= {one.id for one in part.value.args if isinstance(one, ast.Name)}
        for decorator in getattr(part, "decorator_list", ()):
            changed.add(_base(decorator, least=1))
    return changed - {None}, handed


def _base(node, least=0):
    """Return the name that a.b[c] begins with, or None where it begins with none or has fewer than `least` parts."""
    parts = 0
    while isinstance(node, (ast.Subscript, ast.Attribute, ast.Starred, ast.Call)):
        parts += not isinstance(node, (ast.Starred, ast.Call))
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) and parts >= least else None


def _same_scope(node):
    """Yield a statement and its parts, but for the bodies of functions: they run when they are called."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return
    for part in ast.iter_child_nodes(node):
        yield from _same_scope(part)
