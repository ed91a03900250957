"""What comes in: recordings, their readers (one file a format) and dF/F. No TensorFlow."""
