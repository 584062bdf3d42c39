"""Benchmark: measures the archive against its budgets, as ratios within one run. Not a test, because times vary."""
