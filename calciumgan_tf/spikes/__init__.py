"""Spikes from traces, their statistics and distances: NumPy and SciPy only.

Arrays are windows of spikes, uint8 or bool (window, frame, neuron); times are in seconds, rates in Hz.
"""
