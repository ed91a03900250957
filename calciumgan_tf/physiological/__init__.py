"""This project's own generator: CalciumGAN's features, then a model of a calcium indicator, and its further loss."""
