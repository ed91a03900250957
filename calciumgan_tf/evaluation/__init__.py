"""Recorded against generated against baselines: one table of spike statistics."""
