"""What the command line does: options, what is said before grading, and the files that are written after it."""

import argparse
import contextlib
import hashlib
import pathlib
import sys

from utils import environment
from utils.grading import batch, grade, lessons, processes, report, sandbox, submissions
from utils.grading.words import clean

ROOT = environment.course_root()


def parser():
    """Return the parser of the command line."""
    made = argparse.ArgumentParser(
        prog="python -m utils.grading",
        description="Grade notebooks against the solutions. What runs in them is kept apart from the checks.",
    )
    made.add_argument("submissions", nargs="+", type=pathlib.Path, help="a folder, a zip, or a notebook")
    made.add_argument("--csv", type=pathlib.Path, metavar="FILE", help="write one row a student and lesson")
    made.add_argument("--detail", type=pathlib.Path, metavar="FILE", help="write one row an exercise, for the teacher")
    made.add_argument("--feedback", type=pathlib.Path, metavar="FOLDER", help="write a page for each submission")
    made.add_argument("--lessons", metavar="01,03", help="grade these lessons only")
    made.add_argument("--jobs", type=int, default=1, metavar="N", help="grade N submissions at a time")
    made.add_argument(
        "--timeout", type=float, default=20.0, metavar="SECONDS", help="of computing, for each exercise (20)"
    )
    made.add_argument("--memory", type=int, default=2048, metavar="MB", help="for each exercise (2048)")
    made.add_argument(
        "--tests", type=pathlib.Path, nargs="+", default=[], metavar="NOTEBOOK", help="more check cells, all hidden"
    )
    made.add_argument("--student-pattern", metavar="REGEX", help="finds the student in a path: (?P<student>...)")
    made.add_argument(
        "--solutions", type=pathlib.Path, default=ROOT / "solutions", metavar="FOLDER", help=argparse.SUPPRESS
    )
    made.add_argument(
        "--seed", type=int, help="of the random inputs in checks (default: made from all that was handed in)"
    )
    made.add_argument("--dry-run", action="store_true", help="say whose each file is, and grade nothing")
    made.add_argument("--resume", action="store_true", help="go on with a batch that was interrupted")
    return made


def chosen_lessons(every, wanted):
    """Return those of the lessons that are wanted, "01,03", or all for None. Raises GradingError for others."""
    if wanted is None:
        return every
    numbers = [number.strip().zfill(2) for number in wanted.split(",") if number.strip()]
    unknown = set(numbers) - {lesson.number for lesson in every}
    if unknown or not numbers:
        known = ", ".join(lesson.number for lesson in every)
        raise lessons.GradingError(f"--lessons {wanted}: the lessons are {known}.")
    return [lesson for lesson in every if lesson.number in numbers]


def check_options(options):
    """Refuse options that cannot work, before any work is done. Raises GradingError."""
    processes.refuse_optimised()
    if options.jobs < 1:
        raise lessons.GradingError(f"--jobs is {options.jobs}; it must be 1 or more.")
    if not 0 < options.timeout <= 3600:
        raise lessons.GradingError(f"--timeout is {options.timeout:g}; it must be above 0 and at most 3600 seconds.")
    if options.memory < 256:
        raise lessons.GradingError(f"--memory is {options.memory}; it must be 256 MB or more.")
    if options.resume and not options.csv:
        raise lessons.GradingError("--resume needs the --csv of the batch that was interrupted.")
    for path in (options.csv, options.detail):
        if path is not None and (path.is_dir() or not path.resolve().parent.is_dir()):
            raise lessons.GradingError(f"{path} cannot be written: it is a folder, or its folder is not there.")
    if options.feedback is not None and options.feedback.exists() and not options.feedback.is_dir():
        raise lessons.GradingError(f"--feedback {options.feedback} is a file; it must be a folder.")


def seed_of(found):
    """Return a seed made from all that was handed in: the same batch gets the same one, and nobody knows it before.

    A constant would let an answer hold a table of what the hidden tests ask for.
    """
    contents = sorted(hashlib.sha256(one.data).digest() for one in found if one.data)
    return int.from_bytes(hashlib.sha256(b"".join(contents)).digest()[:6], "big")


def say_what_is_open(missing):
    """Say once, on stderr, what a submission can reach on this system, and why.

    missing: what is not isolated, of sandbox.PARTS -> the reason.
    """
    if not missing:
        return
    reasons = {}
    for part in sandbox.PARTS:
        if part in missing:
            reasons.setdefault(missing[part], []).append(sandbox.WORDS[part])
    said = [f"{'; '.join(words)} ({reason})" for reason, words in reasons.items()]
    print(f"Not isolated on this system: {'; '.join(said)}. Grade strangers in a container.", file=sys.stderr)


def run(options):
    """Grade, and write what was asked for; return the exit status."""
    check_options(options)
    every = lessons.read_lessons(options.solutions, options.tests)
    chosen = chosen_lessons(every, options.lessons)
    # A file is recognised among all lessons, so that one that was not asked for is not taken for a stranger.
    passed_over = []
    found = submissions.find(options.submissions, every, pattern=options.student_pattern, passed_over=passed_over)
    names = {lesson.name for lesson in chosen} | {submissions.UNKNOWN}
    found = [one for one in found if one.lesson in names]
    if not found:
        raise lessons.GradingError(f"--lessons {options.lessons}: nobody handed in such a lesson.")
    if options.dry_run:
        print(report.whose(found, passed_over))
        return 0
    if said := report.to_look_at(found, passed_over):
        print(said, file=sys.stderr)
    seed = seed_of(found) if options.seed is None else options.seed
    limits = grade.Options(timeout=options.timeout, memory=options.memory, seed=seed)
    hidden = [
        ROOT / name for name in ("solutions", "lessons", "tests", "tools", "my-lessons", "my-lessons-kept", ".git")
    ]
    hidden += [path if path.is_dir() else path.parent for path in map(pathlib.Path.resolve, options.submissions)]
    settings = batch.Settings(tuple(chosen), limits, tuple(str(path) for path in hidden))
    rows, journal = [], None
    if options.csv:
        journal = report.journal_of(options.csv)
        done = report.read_journal(journal) if options.resume and journal.exists() else {}
        if options.resume:
            print(f"{len(done)} of {len(found)} were done before.", file=sys.stderr)
        rest = []
        for one in found:
            row = done.get((one.student, one.lesson, one.label, batch.digest(one, settings)))
            rest.append(one) if row is None else rows.append(row)
        found, total = rest, len(found)
    else:
        total = len(found)
    interrupted = False
    try:
        grade_rest(found, settings, options, rows, journal, total)
    except KeyboardInterrupt:
        interrupted = True
    write(options, rows, chosen)
    if interrupted:
        kept = " Go on with the same command and --resume." if options.csv else ""
        print(f"\nInterrupted: {len(rows)} of {total} are done.{kept}", file=sys.stderr)
        return 130
    if journal is not None:
        journal.unlink(missing_ok=True)
    return 0 if len(rows) == total else 1


def grade_rest(found, settings, options, rows, journal, total):
    """Grade what is left, with a progress bar; add to rows, and to the journal, as each is done."""
    from tqdm import tqdm

    keep = None
    if journal is not None:
        with naming(journal):
            keep = journal.open("a" if options.resume else "w", encoding="utf-8")
    try:
        if any(one.data for one in found):
            say_what_is_open(batch.grader(settings).warm.missing)
        with tqdm(total=total, initial=len(rows), disable=None, unit="notebook") as bar:
            for row in batch.grade_all(found, settings, options.jobs):
                rows.append(row)
                bar.update()
                if keep is not None:
                    with naming(journal):
                        keep.write(report.as_line(row))
                        keep.flush()
    finally:
        if keep is not None:
            with naming(journal):
                keep.close()


@contextlib.contextmanager
def naming(path):
    """Let an error of the system, such as a full disk, say which file could not be written. Raises GradingError."""
    try:
        yield
    except OSError as error:
        raise lessons.GradingError(f"{path} cannot be written: {error.strerror or error}.") from None


def write(options, rows, chosen):
    """Write the files that were asked for; print the verdicts of a few, the summary of many."""
    if options.csv:
        with naming(options.csv):
            report.write_grades(options.csv, rows, chosen)
    if options.detail:
        with naming(options.detail):
            report.write_detail(options.detail, rows)
    if options.feedback:
        with naming(options.feedback):
            report.write_feedback(options.feedback, rows, chosen)
    single = all(path.suffix.lower() == ".ipynb" for path in options.submissions)
    if single or not options.csv:
        for row in sorted(rows, key=lambda row: (row.student, row.lesson)):
            name = "" if single else clean(f"{row.student}, ") + " "
            print(name + report.table(row))
    if not single and rows:
        print(report.progress(rows) or report.summary(rows, chosen))


def main(arguments=None):
    """Run the command line; return the exit status: 0 when every submission got a row."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a console may not know the signs
    try:
        return run(options)
    except (lessons.GradingError, processes.StartError, OSError) as error:
        print(clean(error), file=sys.stderr)
        return 2
    finally:
        batch.close()
