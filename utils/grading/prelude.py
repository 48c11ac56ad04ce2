"""What an answer leans on: names that other cells of the same notebook define.

An exercise needs the Setup cell only, but a learner's answer may use a helper or an import from another
cell, or the answer to an earlier exercise. In their notebook that works, so it works here: the definitions are
looked up in their own cells. Runs in the student's process only, for it parses what students wrote.
"""

import ast
import builtins
import symtable

from IPython.core.inputtransformer2 import TransformerManager

# Cell magics below which there is Python that the notebook itself runs.
TRANSPARENT = ("%%time", "%%timeit", "%%capture")


class Shell:
    """Stands for IPython in an answer: its magics and commands do nothing."""

    def __getattr__(self, name):
        return lambda *arguments, **keywords: None


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


def needed(source):
    """Return the names that a source uses and does not define: a set."""
    found = set()

    def look(table, top):
        for symbol in table.get_symbols():
            name = symbol.get_name()
            if top:
                if symbol.is_referenced() and not (symbol.is_assigned() or symbol.is_imported()):
                    found.add(name)
            elif symbol.is_global() and symbol.is_referenced():
                found.add(name)
        for child in table.get_children():
            look(child, False)

    top = symtable.symtable(source, "<answer>", "exec")
    look(top, True)
    own = {s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported()}
    return {name for name in found - own if not hasattr(builtins, name)}


def definitions(cells):
    """Return name -> source of its last definition at the top level of these cells."""
    found = {}
    for source in cells:
        try:
            source = readable(source)
            nodes = ast.parse(source).body
        except (SyntaxError, ValueError, RuntimeError, MemoryError):  # RuntimeError: IPython gives up
            continue
        for node in nodes:
            names = []
            if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
                names = [node.name]
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                names = [(alias.asname or alias.name).split(".")[0] for alias in node.names]
            elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]
            for name in names:
                found[name] = ast.get_source_segment(source, node)
    return found


def run(cells, source, namespace, execute):
    """Define in `namespace` what a source leans on, as far as these cells define it.

    cells: sources of code cells. execute: a function that runs a piece of source in the namespace. Errors are
    passed over: if the answer really needs the name, it will say so itself.
    """
    pending, order, seen = [source], [], set()
    found = None
    while pending:
        try:
            names = needed(pending.pop()) - seen - namespace.keys()
        except (SyntaxError, ValueError, RecursionError):
            continue
        if names and found is None:
            found = definitions(cells)  # only now: to parse a whole notebook takes longer than most answers
        for name in sorted(names):
            seen.add(name)
            if name in found:
                order.append(found[name])
                pending.append(found[name])
    for piece in dict.fromkeys(reversed(order)):  # what was found last is leant on by what was found first
        try:
            execute(piece)
        except Exception:  # noqa: S110
            pass
