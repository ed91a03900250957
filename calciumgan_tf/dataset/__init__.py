"""From a recording to training windows: split, scaling, windows."""
