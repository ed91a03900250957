"""A plain NumPy array of dF/F."""

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.recordings.recording import Recording

DESCRIPTION = "NumPy array (.npy) of dF/F, (frame, neuron)"


def matches(path) -> bool:
    """Whether the name of the file ends with `.npy`."""
    return path.is_file() and path.suffix == ".npy"


def read(path, options):
    """Reads dF/F as stored; the file holds no frame rate, so `options` has to give it.

    Raises:
      InputError: not a numeric array of two dimensions, or no frame rate.
    """
    traces = readers.load_npy(path)
    if traces.ndim != 2:
        raise InputError(f"{path} has shape {traces.shape}", "a recording is (frame, neuron)")
    traces, neuron_ids = readers.keep(traces, range(traces.shape[1]), options, path)
    traces, how = readers.less_baseline(traces, options.frame_rate, options)
    return Recording(
        traces=traces,
        frame_rate=options.frame_rate,
        **options.kernel(),
        source=str(path),
        source_sha256=readers.sha256(path),
        neuron_ids=neuron_ids,
        description="dF/F as given" + how,
    )
