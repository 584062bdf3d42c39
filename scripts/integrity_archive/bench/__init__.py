"""Measuring the archive against its budgets, as ratios in one run. Not part of the tests: machines are noisy."""
