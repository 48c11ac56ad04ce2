"""Helpers shared by the lessons of Unrolled: small modules, each usable alone; `python -m utils` lists them.

Importing this package imports no TensorFlow.
"""
