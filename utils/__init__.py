"""Helpers shared by the lessons of Unrolled: small modules, each usable alone.

environment   find the course, start a lesson, choose how long it may run
corpora       which data the course uses, in which package, and whether it is intact
data          texts as DataFrames and strings, CSV files of your own, word vectors
text          vocabularies, and batches of similar lengths
plots         one function for each kind of figure
diagrams      drawn figures: boxes and arrows, no data
checks        feedback for exercises, inside the notebook
random_state  leave seeds and layer names as they were
files         write a file so that an interruption loses nothing
authoring     solutions/ -> lessons/            (python -m utils.authoring)
launch        the two commands of the README    (python -m utils.launch lab | test)

Importing this package imports no TensorFlow.
"""
