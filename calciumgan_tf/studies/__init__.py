"""What needs a trained model and its evaluation together: hyper-parameter search, importance maps of the critic."""
