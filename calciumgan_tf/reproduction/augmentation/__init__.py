"""Whether generated windows help who has little data: decoders and correlations learned with them and without."""
