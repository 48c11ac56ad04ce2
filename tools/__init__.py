"""Commands for those who work on the course: `make` calls them, and no lesson needs them.

benchmarks   how fast it is, beside the usual ways (make bench)
browser      lesson 00 in a real page, as a learner does it (make test-browser)
colab        each lesson alone, with Colab's versions (make test-colab)
extras       the tests that need nbgrader, Dask or pyarrow (make test-extras)
machines     what computes, with other processors' kernels and other seeds (make test-machines)
versions     the whole suite with each Python and TensorFlow (make test-versions)
"""
