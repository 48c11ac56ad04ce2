"""Helpers shared by the lessons of Unrolled: small modules, each usable alone.

environment   find the course, start a lesson, choose how long it may run
corpora       which data the course uses, in which package, and whether it is intact
plots         one function for each kind of figure
checks        feedback for exercises, inside the notebook
authoring     solutions/ -> lessons/            (python -m utils.authoring)
launch        the two commands of the README    (python -m utils.launch lab | test)

Importing this package imports no TensorFlow.
"""
