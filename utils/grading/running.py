"""Run a source, so that tracebacks find its lines; the trusted and the student's process both do."""

import inspect
import linecache


def execute(source, namespace, filename, *, tree=None, flags=0):
    """Run a source in a namespace; tracebacks and inspect find its lines under this file name.

    tree: what to run of it, a syntax tree; None: all. flags: of compile. With ast.PyCF_ALLOW_TOP_LEVEL_AWAIT it may
    hold an `await` outside a function, as a cell of a notebook may. Returns the flags of what was compiled.
    """
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    code = compile(source if tree is None else tree, filename, "exec", flags=flags, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        import asyncio

        asyncio.run(eval(code, namespace))
    else:
        exec(code, namespace)
    return code.co_flags
