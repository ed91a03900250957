"""Trains the ready-made generators on the synthetic data, and writes them with a model card into checkpoints/ready/.

    python benchmarks/ready_generators.py
    python benchmarks/ready_generators.py --quick          # two steps, into a temporary folder: for correctness

Only config.json and generator.keras are kept; what else a run needs can be made again from them.
"""

import json
import pathlib
import shutil
import sys
import tempfile
import textwrap

import measure
import numpy as np

STEPS = {"calciumgan": 2000, "physiological": 400}
SEED, WINDOWS, CHECKED = 0, 1000, 64  # of training and samples; windows that are evaluated, and that the card describes
TINY = {"window_frames": 64, "units": 2, "critic_units": 2, "phase_shuffle": 1, "noise_dim": 4, "batch_size": 4}
CARD = """# {model}: a ready-made generator

This generator needs no recording: it was trained on synthetic data only, those of
`--dataset=synthetic`, and draws windows of {frames} frames of {neurons} neurons at {rate:g} Hz.

    python generate.py --checkpoint=checkpoints/ready/{model}
    python evaluate.py --spike_metrics --checkpoint=checkpoints/ready/{model}

| | |
|---|---|
| model | `{model}`, {title} |
| data | dichotomised-Gaussian spikes, decay .812 s, noise .3 dF/F; 15 minutes, a fifth of them held out |
| made by | `python benchmarks/ready_generators.py`: {steps} steps, seed {seed}, version {version} |
| sha256 of the data | `{sha256}` |
| its first {checked} windows, seed 0 | mean {mean:.4f}, SD {sd:.4f} dF/F |

{count:,} windows against the held-out part; `training part` is what another stretch of the recording
gets:

{table}

## Limits

{limits}
"""
LIMITS = {
    "calciumgan": """A classifier tells its traces from those of the training part almost without error: transients
rise as slowly as they decay, and the noise is too strong (docs/fidelity.md).""",
    "physiological": """Most of the statistics in the table are in its loss. A classifier of single neurons tells its
traces from those of the training part with an area of .52 under the ROC curve, where .5 is chance
(docs/fidelity.md).""",
}


def make(model, root, steps, windows, **options):
    """Trains one generator; keeps its two files and writes its card."""
    import calciumgan_tf as cg
    from calciumgan_tf.evaluation import tables
    from calciumgan_tf.training.builders import MODULES

    recording = cg.synthetic_recording()
    with tempfile.TemporaryDirectory() as folder:
        run = cg.train(recording, run=pathlib.Path(folder) / model, model=model, steps=steps, seed=SEED, **options)
        target = root / model
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in ("config.json", "generator.keras"):
            shutil.copy(run.folder / name, target / name)
    settings = json.loads((target / "config.json").read_text())
    settings["config"]["data"]["dataset"] = "synthetic"
    (target / "config.json").write_text(json.dumps(settings, indent=1) + "\n")
    made = cg.open_run(target).sample(windows)
    result = cg.evaluate(recording, made, run=cg.open_run(target))
    first = made[:CHECKED]
    (target / "README.md").write_text(
        CARD.format(
            model=model, title=MODULES[model].TITLE, frames=made.shape[1], neurons=made.shape[2],
            rate=recording.frame_rate, steps=steps, seed=SEED, version=cg.__version__, sha256=recording.sha256(),
            checked=CHECKED, mean=np.mean(first), sd=np.std(first), count=windows,
            table=textwrap.indent(tables.text(result.evaluation), "    "), limits=LIMITS[model],
        )
    )  # fmt: skip


def main():
    quick = "--quick" in sys.argv
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder) if quick else measure.ROOT / "checkpoints" / "ready"
        for model, steps in STEPS.items():
            if quick:
                short = {"calibration": 2} if model == "physiological" else {}
                make(model, root, 2, 70, **TINY, **short)
            else:
                make(model, root, steps, WINDOWS)
            print((root / model / "README.md").read_text())


if __name__ == "__main__":
    main()
