"""Benchmark: measures the archive against its budgets, as ratios within one run. Not part of the tests, because times
vary."""
