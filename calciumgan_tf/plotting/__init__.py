"""Figures from arrays. The only place that imports matplotlib.

Figures are made without a display and without global state.
"""
