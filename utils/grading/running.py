"""Run a source, so that tracebacks find its lines; the trusted and the student's process both do."""

import linecache


def execute(source, namespace, filename):
    """Run a source in a namespace; tracebacks and inspect find its lines under this file name."""
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), namespace)
