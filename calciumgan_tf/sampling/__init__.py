"""Windows from a trained generator, and the files they are written to."""
