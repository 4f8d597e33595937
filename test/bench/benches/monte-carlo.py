"""Resamples trades into paths of wealth with NumPy. Prints milliseconds of processor time and the median drawdown.
Usage: monte-carlo.py <paths> <trades> <fraction> <R ...>"""
import sys
import time

import numpy

paths, trades, fraction = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
factors = 1 + fraction * numpy.array([float(r) for r in sys.argv[4:]])
generator = numpy.random.default_rng(3)
start = time.process_time()
wealth = numpy.cumprod(factors[generator.integers(0, len(factors), size=(paths, trades))], axis=1)
peak = numpy.maximum(numpy.maximum.accumulate(wealth, axis=1), 1)
depth = (1 - wealth / peak).max(axis=1)
lowest = wealth.min(axis=1)
print((time.process_time() - start) * 1e3, numpy.median(depth))
