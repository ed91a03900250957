"""Synthetic recordings with a known truth: dichotomised-Gaussian spikes turned to fluorescence."""
