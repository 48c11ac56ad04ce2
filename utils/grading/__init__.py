"""Grade notebooks: a class against the solutions, or your own.

    python -m utils.grading SUBMISSIONS --csv grades.csv --detail detail.csv --feedback feedback
    python -m utils.grading my-lessons/03_lstm_gates.ipynb

A check runs in a trusted process, the answer in another, and only plain data passes between them: a submission
cannot fake the comparison. It can still return wrong values, loop, or damage what its sandbox leaves open.

command       the command line: options, what is said, files that are written
archives      the files of a folder or zip, read within bounds
submissions   whose each file is, and which lesson
lessons       what is graded: the exercises of the solutions
handed_in     the cells of a submitted notebook, and which may answer an exercise
batch         many submissions, spread by joblib
grade         one submission -> verdicts
warm, cold    start processes: from a state that has TensorFlow imported; anew, where the system does not fork
processes     what these two have in common
trusted       run a check, with stand-ins for the learner's functions
link, wire    calls between two processes, and plain data as bytes
student       run an answer
running       run a source, so that tracebacks find its lines
prelude       which cell answers, and what it uses from other cells of its notebook
pieces        what a statement of a notebook defines, changes and needs
sandbox       limits and isolation
status        how an exercise ended, and how that is said
words         what others wrote, cleaned and quoted
report        tables, feedback, summary
"""
