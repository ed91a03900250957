"""From windows to spikes and their Summary: recorded and generated windows are deconvolved and measured alike."""

from collections.abc import Iterator

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import PopulationWindows, RecordedWindows
from calciumgan_tf.evaluation.baselines import dichotomized_gaussian, shuffled
from calciumgan_tf.evaluation.examples import Examples, examples
from calciumgan_tf.evaluation.summary import Summary, summarise
from calciumgan_tf.progress import Progress
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.spikes.deconvolution import Settings


def recorded_side(
    recording: Recording, split: Split, oasis: Settings, count: int, stride: int, seed: int
) -> Iterator[tuple[str, Summary, Examples | None]]:
    """Measures the parts of the recording and the baselines, one after another.

    Args:
      recording: Recording.
      split: Split of it.
      oasis: settings of the deconvolution.
      count: windows of each set.
      stride: recorded windows start at multiples of so many frames.
      seed: of the baselines.

    Yields:
      name ('heldout', 'training', 'shuffled', 'first_half', 'second_half' unless the training part is a single block,
      'dichotomized_gaussian'), Summary, and for the held-out part its Examples.
    """
    first, second = split.halves()
    blocks = {"heldout": split.heldout, "training": split.training, "first_half": first, "second_half": second}
    parts = {
        name: RecordedWindows(recording.traces, split, part, count, stride) for name, part in blocks.items() if part
    }
    with Progress("reference", len(parts) + 1, unit="set", quiet_seconds=5) as progress:

        def infer(windows):
            inferred = deconvolution.infer_spikes(windows, oasis)
            progress.advance(1)
            progress.report()
            return inferred

        def measure(spikes):
            return summarise(spikes, recording.frame_rate)

        for name, windows in parts.items():
            inferred = infer(windows)
            yield name, measure(inferred.spikes), examples(windows, inferred.spikes) if name == "heldout" else None
            if name == "training":
                yield "shuffled", measure(shuffled.ShuffledWindows(inferred.spikes, seed)), None
                fitted = dichotomized_gaussian.fitted_population(
                    inferred, oasis, split.frames("training"), recording.frame_rate, seed
                )
            del inferred
        simulated = PopulationWindows(fitted, count, split.window_frames)
        yield "dichotomized_gaussian", measure(infer(simulated).spikes), None
