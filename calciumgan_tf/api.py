"""The Python interface, which `import calciumgan_tf` has under the same names.

A recording is read, a model is trained on it, windows are drawn and compared with a part of the recording that the
training never saw:

>>> import calciumgan_tf as cg
>>> recording = cg.synthetic_recording(neurons=3, minutes=3)
>>> recording.traces.shape, recording.frame_rate
((4320, 3), 24.0)
>>> run = cg.train(recording, steps=2, window_frames=64, units=2, critic_units=2, phase_shuffle=1, run="example")
>>> windows = run.sample(50, seed=0)
>>> windows.shape  # (window, frame, neuron), dF/F
(50, 64, 3)
>>> result = cg.evaluate(recording, windows)
>>> result.value("firing_rate_rmse") > 0
True
>>> result.report("report.html")

Wrong input raises `InputError`, whose message says what to do, where a script would print it.
"""

import functools
import pathlib
import tempfile
import typing

import numpy as np

from calciumgan_tf import quiet
from calciumgan_tf.errors import InputError, TrainingDiverged
from calciumgan_tf.recordings.recording import Recording

if typing.TYPE_CHECKING:  # TensorFlow takes seconds
    from calciumgan_tf.evaluation.reference import Evaluation
    from calciumgan_tf.training.run import Run

__all__ = ["InputError", "Recording", "Result", "TrainedRun", "TrainingDiverged"]
__all__ += ["evaluate", "open_run", "read", "synthetic_recording", "train"]


def read(path, **options) -> Recording:
    """Reads a recording of any known format, see `calciumgan_tf.recordings.readers`.

    Args:
      path: file or folder, or a list of those of one population.
      **options: attributes of `calciumgan_tf.recordings.contents.Options`, such as `frame_rate=30.0` in Hz.

    Raises:
      InputError: the path is missing, of no known format, or not a recording; an unknown option.
    """
    from calciumgan_tf.recordings import readers
    from calciumgan_tf.recordings.contents import Options

    try:
        asked = Options(**options)
    except TypeError as error:
        raise InputError(f"read: {error}", f"options are {', '.join(Options.__dataclass_fields__)}") from error
    return readers.read(path, asked)


def synthetic_recording(neurons: int = 16, minutes: float | None = None) -> Recording:
    """Dichotomised-Gaussian data with a known ground truth, those of `--dataset=synthetic`.

    Args:
      neurons: at least 2.
      minutes: length; None for that of `--dataset=synthetic`.
    """
    from calciumgan_tf.synthetic import populations

    frames = populations.FRAMES if minutes is None else round(60 * minutes * populations.FRAME_RATE)
    return populations.population(neurons=neurons).recording(frames)


def train(recording: Recording, *, run=None, callback=None, **options) -> "TrainedRun":
    """Trains a model on a recording, in a new run folder.

    Ctrl-C finishes the step, saves and returns, as it does in train.py.

    Args:
      recording: Recording.
      run: the folder to create; None for a fresh one in `checkpoints/`.
      callback: function of a dict with 'step' and the mean losses since the last call, called every `log_every` steps.
      **options: flags of train.py by their names, such as `model="physiological"` or `steps=1000`.

    Raises:
      InputError: an existing folder, an unknown option, a recording too short for the windows.
      TrainingDiverged: a loss is not finite.
    """
    if "dataset" in options:
        raise InputError("train: dataset is not an option here", "give a Recording")
    with quiet.first_import():
        from calciumgan_tf.config import Config
        from calciumgan_tf.dataset.training_data import TrainingData
        from calciumgan_tf.plotting import previews
        from calciumgan_tf.training import run as runs
        from calciumgan_tf.training.distribution import make_strategy
        from calciumgan_tf.training.trainer import Trainer

    runs.check_free(run)
    config = Config.of(dataset=recording.source, **options)
    strategy = make_strategy(config.schedule.virtual_devices)
    data = TrainingData.prepare(recording, config)
    trainer = Trainer(config, data, strategy, functools.partial(previews.save, model=config.model), callback)
    folder = runs.Run.create(run, config)
    trainer.train(folder, resume=False)
    return TrainedRun(folder)


def open_run(path=None) -> "TrainedRun":
    """A run folder that exists: `path`, or the run started last.

    Raises:
      InputError: there is none.
    """
    from calciumgan_tf.training.run import Run

    return TrainedRun(Run.open(path))


class TrainedRun:
    """A trained model in its run folder.

    Attributes:
      folder: pathlib.Path.
    """

    def __init__(self, run: "Run"):
        """Use `train` or `open_run`."""
        self._run = run
        self.folder = run.folder

    def __repr__(self):
        step = self._run.saved_step()
        return f"<{type(self).__name__} {self.folder}: {self._run.config().model}, {step:,} steps>"

    @property
    def recording(self) -> Recording:
        """The recording that the model was trained on."""
        return self._run.training_data().recording

    @property
    def losses(self) -> list:
        """A dict for each logged step: 'step' and the mean losses."""
        return self._run.logged()

    def sample(self, count: int, seed: int = 0, best: bool = False, conditions="recorded") -> np.ndarray:
        """Windows of the trained model; window i depends on the seed and i alone.

        Args:
          count: how many windows.
          seed: whole number from 0 to 2^31 - 1.
          best: whether to take the best checkpoint, which a run has that was trained with `keep_best=True`.
          conditions: which a model follows that was trained with `condition`: 'recorded', the path of a file, or an
            array (frame, condition). Windows follow consecutive stretches, and the series starts again at its end.

        Returns:
          float32 (window, frame, neuron), dF/F.

        Raises:
          InputError: fewer than one window, or a run that did not come to its first checkpoint or kept no best one.
        """
        with quiet.first_import():
            from calciumgan_tf.options import LARGEST_SEED
            from calciumgan_tf.sampling import sampler

        if count < 1 or not 0 <= seed <= LARGEST_SEED:
            raise InputError(f"sample: {count} windows with seed {seed}", "ask for at least one, with a seed from 0 on")
        run = self._run.with_best() if best else self._run
        followed = sampler.conditions_of(run, conditions)
        return np.concatenate(list(sampler.windows(sampler.load_generator(run), count, seed, followed)))

    def session(
        self, frames: int, seed: int = 0, start_frame: int = 0, best: bool = False, conditions="recorded"
    ) -> np.ndarray:
        """A continuous session of the trained model; frame i depends on the seed and i alone.

        Args:
          frames: how many.
          seed: whole number from 0 to 2^31 - 1.
          start_frame: first frame, to go on with a session that was drawn before.
          best, conditions: as of `sample`; frame t follows row t of the series.

        Returns:
          float32 (frame, neuron), dF/F.

        Raises:
          InputError: fewer than one frame, a model that makes windows only, or a run that did not come to its first
            checkpoint or kept no best one.
        """
        with quiet.first_import():
            from calciumgan_tf.options import LARGEST_SEED
            from calciumgan_tf.sampling import sampler, sessions

        if frames < 1 or start_frame < 0 or not 0 <= seed <= LARGEST_SEED:
            asked = f"session: {frames} frames from {start_frame} on with seed {seed}"
            raise InputError(asked, "ask for at least one, with a start and a seed from 0 on")
        run = self._run.with_best() if best else self._run
        request = sampler.Request(frames, seed, session=True, first=start_frame)
        made = sessions.Session(run, request, sampler.conditions_of(run, conditions))
        return sampler.drawn(made, range(start_frame, start_frame + frames))["traces"]


def evaluate(recording, windows, *, run: "TrainedRun | None" = None, diagnostics: bool = False) -> "Result":
    """Compares windows with the held-out part of a recording, as evaluate.py does.

    Args:
      recording: Recording that the windows are to be like.
      windows: (window, frame, neuron), dF/F.
      run: the run that made them, whose split is taken; None splits the recording anew, which gives the same split
        unless the run had other options of it, or conditions.
      diagnostics: whether to diagnose the traces as well.

    Raises:
      InputError: windows that do not fit the recording, that are too few or not finite.
    """
    with quiet.first_import():
        from calciumgan_tf.dataset import split
        from calciumgan_tf.evaluation.reference import Reference, check_windows

    windows = np.asarray(windows)
    if windows.ndim != 3:
        raise InputError(f"evaluate: windows of shape {windows.shape}", "they have to be (window, frame, neuron)")
    if run is None:
        parts = split.split_frames(
            recording.frames, windows.shape[1], trial_frames=recording.trial_frames, joins=recording.joins
        )
        model = ""
    else:
        parts, model = run._run.training_data().split, run._run.config().model
    check_windows(windows, recording, parts, len(windows))
    reference = Reference.fit(recording, parts, len(windows), diagnostics=diagnostics)
    return Result(reference.compare(windows, model=model), recording)


class Result:
    """A comparison of windows with a recording.

    Attributes:
      evaluation: calciumgan_tf.evaluation.reference.Evaluation, with all that was computed.
    """

    def __init__(self, evaluation: "Evaluation", recording: Recording):
        """Use `evaluate`."""
        self.evaluation, self._recording = evaluation, recording

    def value(self, metric: str, column: str = "generated"):
        """A spike metric of docs/metrics.md, by its name; `column` is one of the table's."""
        return self.evaluation.rows[metric][column]

    @property
    def table(self):
        """Spike metrics, a row each: a pandas DataFrame, or without pandas a list of dicts."""
        rows = [{"metric": name} | _flat(row) for name, row in self.evaluation.rows.items()]
        try:
            import pandas
        except ImportError:
            return rows
        return pandas.DataFrame(rows).set_index("metric")

    def __str__(self):
        from calciumgan_tf.evaluation import tables

        return tables.text(self.evaluation)

    def report(self, path) -> None:
        """Writes the report, a single HTML file with its figures inside; an existing one is replaced."""
        from calciumgan_tf import files
        from calciumgan_tf.evaluation import output
        from calciumgan_tf.plotting import report

        title = f"{self.evaluation.model} against {self._recording.source}"
        with tempfile.TemporaryDirectory() as folder, files.replacing(path) as partial:
            report.write_files(self.evaluation, pathlib.Path(folder), title)
            partial.write_bytes((pathlib.Path(folder) / output.REPORT).read_bytes())


def _flat(row):
    """A row of an evaluation with a number in each place: intervals and dicts in columns of their own."""
    flat = {}
    for name, value in row.items():
        if isinstance(value, dict):
            flat |= _flat({f"{name}_{part}": one for part, one in value.items()})
        elif name.startswith(("ci95", "beyond")):
            low, high = (None, None) if value is None else map(float, value)
            flat |= {f"{name}_low": low, f"{name}_high": high}
        else:
            flat[name] = value
    return flat
