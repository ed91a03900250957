"""Losses, the GAN and its update, the training loop, checkpoints and the run folder."""
