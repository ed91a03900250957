"""Metrics of generated windows beside a recorded reference and baselines, their intervals and their tables."""
