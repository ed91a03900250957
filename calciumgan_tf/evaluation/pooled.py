"""The diagnosis of several runs of one recording together: models of several seeds, or the folds of a cross-fit."""

import typing

from calciumgan_tf.dataset.split import Split
from calciumgan_tf.dataset.windows import FirstWindows
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.diagnostics.diagnosis import RESAMPLES, ROWS, Diagnosis
from calciumgan_tf.evaluation.diagnostics.pooling import heldout_windows, pool
from calciumgan_tf.evaluation.reference import Evaluation, check_windows
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.sampling.samples import Samples
from calciumgan_tf.spikes import deconvolution


def check_runs(folders, models, recordings, windows) -> None:
    """Refuses runs that are not to be pooled.

    Args:
      folders: of each run.
      models: names.
      recordings: hashes.
      windows: frames of a window.

    Raises:
      InputError: a run twice, or runs of different recordings, models or lengths of windows.
    """
    resolved = [folder.resolve() for folder in folders]
    for folder in resolved:
        if resolved.count(folder) > 1:
            raise InputError(f"--checkpoint names {folder.name} twice", "name every run once")
    kinds = {"recordings": recordings, "models": models, "lengths of windows": windows}
    for kind, values in kinds.items():
        others = [number for number, value in enumerate(values) if value != values[0]]
        if others:
            raise InputError(
                f"{folders[0]} and {folders[others[0]]} are runs of different {kind}",
                "pool runs that differ in their seed or their split alone",
            )


def compare(
    recording: Recording,
    members: typing.Sequence[tuple[Split, Samples]],
    num_windows: int,
    *,
    seed: int = 0,
    s_min: float | None = None,
) -> Evaluation:
    """Diagnoses the windows of several runs, each beside its own held-out part, and pools what is found.

    Args:
      recording: Recording of all runs.
      members: the Split and the Samples of each run.
      num_windows: windows of each run; the first ones are used.
      seed: of the draws, the faults and the classifiers.
      s_min: smallest event of the deconvolution, dF/F; None for the recording's own, or an estimate.

    Raises:
      InputError: windows that do not fit the recording, or that are too few.
    """
    for split, generated in members:
        check_windows(generated.traces, recording, split, num_windows)
    measured, decays = [], []
    splits = list(dict.fromkeys(split for split, _ in members))
    for split in splits:  # one Diagnosis in memory at a time
        shift = None if len(splits) == 1 else (split.heldout[0][0] - splits[0].heldout[0][0]) / recording.frames
        settings = deconvolution.fit_recording(recording, split.training, s_min)
        diagnosis = Diagnosis(recording, split, settings, seed, s_min, shift)
        decays.append(recording.decay_time(settings))
        for run, (own, generated) in enumerate(members):
            if own == split:
                windows = FirstWindows(generated.traces, num_windows)
                spikes = deconvolution.infer_spikes(windows, settings).spikes
                measured.append((run, diagnosis.measure(windows, spikes, run)))
        del diagnosis
    runs = [one for _, one in sorted(measured, key=lambda pair: pair[0])]
    names = [generated.source for _, generated in members]
    about = {
        "model": members[0][1].model,
        "samples": f"{len(names)} runs ({', '.join(names)})",
        "recording": recording.source,
        "frame_rate": recording.frame_rate,
        "tau_decay": decays,
        "windows": num_windows,
        "window_frames": members[0][0].window_frames,
        "heldout_windows": heldout_windows([one.recorded for one in runs]),
        "resamples": {"diagnostics": RESAMPLES},
        "seed": seed,
        "diagnostics": True,
        "runs": names,
        "split": [split.to_json() for split, _ in members],
    }
    return Evaluation(about, {}, {}, {}, {}, pool(ROWS, runs))
