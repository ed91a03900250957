import csv
import io
import json
import pathlib
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from calciumgan_tf import flagfile
from calciumgan_tf.config import Config
from calciumgan_tf.errors import InputError
from calciumgan_tf.evaluation.baselines.dichotomized_gaussian import frame_moments
from calciumgan_tf.recordings.recording import Recording
from calciumgan_tf.reproduction import original, plan, tables
from calciumgan_tf.spikes import deconvolution
from calciumgan_tf.synthetic import populations

ROOT = pathlib.Path(__file__).parents[2]
TINY = [
    "--window_frames=64",
    "--units=2",
    "--critic_units=2",
    "--noise_dim=4",
    "--phase_shuffle=2",
    "--batch_size=4",
    "--steps=3",
    "--log_every=1",
    "--seeds=1",
    "--num_windows=12",
]
FIGURES = ("traces", "transients", "rasters", "rate_histograms", "scatters", "divergences", "van_rossum_maps")


@pytest.fixture
def recording_file(tmp_path):
    populations.population(neurons=3).recording(2000).save(tmp_path / "three.h5")
    return "three.h5"


def rows_of(folder):
    """{(table, row): cells} of tables.csv."""
    lines = csv.DictReader(io.StringIO((folder / "tables.csv").read_text()))
    return {(line["table"], line["row"]): line for line in lines}


@pytest.mark.slow
def test_killed_reproduction_is_resumed(tmp_path, recording_file):
    """What had a result before the kill is not done again; afterwards tables, figures and report are there."""
    command = [sys.executable, str(ROOT / "reproduce.py"), f"--recording={recording_file}", "--output=out", *TINY]
    with open(tmp_path / "log", "w") as log:
        first = subprocess.Popen(command, cwd=tmp_path, stdout=log, stderr=log)
        while not list(tmp_path.glob("out/runs/*/result.json")) and first.poll() is None:
            time.sleep(0.1)
        first.send_signal(signal.SIGKILL)
        first.wait()
    out = tmp_path / "out"
    result = out / "runs" / "known_truth-calciumgan-0" / "result.json"
    assert result.exists(), (tmp_path / "log").read_text()
    written = result.stat().st_mtime_ns
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert result.stat().st_mtime_ns == written and "known_truth, calciumgan, seed 0" not in done.stdout

    rows = rows_of(out)
    statistics = {"Known truth", "Spike statistics", "Distribution of the divergences", "Phase shuffle"}
    assert {table for table, _ in rows} == {"Hyper-parameters", *statistics}  # too short for windows of 2,048 frames
    built = rows["Hyper-parameters", "generator parameters with the original's settings and neurons"]
    assert built["original"] == built["calciumgan"] == "4375740"
    rate = rows["Known truth", "firing_rate_mae_of_5"]
    assert (rate["original"], rate["original_floor"]) == ("0.0652", "0.0372") and float(rate["floor"]) > 0
    for model in ("calciumgan", "physiological"):
        own = json.loads((out / "runs" / f"recording-{model}-0" / "result.json").read_text())["tables"]["statistics"]
        assert float(rows["Spike statistics", "firing_rate_rmse"][model]) == own["firing_rate_rmse"]["generated"]
    assert rows["Spike statistics", "firing_rate_kl"]["other_run_least"] == "0.533"
    assert not rows["Phase shuffle", "critic_loss_last, off"]["physiological"]
    both = [float(rows["Phase shuffle", f"critic_loss_last, {which}"]["calciumgan"]) for which in ("on", "off")]
    assert both[0] != both[1]
    pictures = ["known_truth.png", *(f"recording/{name}.png" for name in FIGURES)]
    for model, further in (("calciumgan", ["phase_shuffle.png"]), ("physiological", [])):
        assert all((out / model / name).read_bytes().startswith(b"\x89PNG") for name in pictures + further)
        assert (out / model / "recording" / "report.html").exists()
    assert not (out / "physiological" / "phase_shuffle.png").exists()

    other = subprocess.run([*command, "--units=3"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert other.returncode == 2 and "begun with other settings: units was 2, is 3" in other.stderr
    assert other.stderr.count("\n") == 1


@pytest.mark.slow
def test_dry_run_of_the_papers_size(script):
    """Tiny flags on top of the paper's, so that it can be measured in seconds."""
    tiny = "--window_frames=64 --units=2 --critic_units=2 --phase_shuffle=1 --synthetic_neurons=3 --num_windows=12"
    done = script("reproduce.py", "--scale=paper", "--dry_run", "--models=calciumgan", *tiny.split())
    assert done.returncode == 0, done.stderr
    for part in ("known_truth: ", "no_phase_shuffle: ", "steps: 27,600 of 5 critic updates with 128", "GiB", " in all"):
        assert part in done.stdout
    assert "model calciumgan, 3 seeds" in done.stdout and "--phase_shuffle=0" in done.stdout


def test_dry_run_with_several_replicas(script):
    tiny = "--window_frames=64 --units=2 --critic_units=2 --phase_shuffle=1 --synthetic_neurons=3 --batch_size=8"
    done = script("reproduce.py", "--dry_run", "--models=wavegan", "--virtual_devices=2", *tiny.split())
    assert done.returncode == 0, done.stderr
    assert "time on this machine" in done.stdout and "windows of 2048 frames; model wavegan" in done.stdout


def test_papers_flags_are_read_and_the_command_line_wins():
    flags = plan.flags_of("calciumgan", plan.PAPER, {"units": 3})
    assert flags["window_frames"] == 2048 and flags["units"] == 3
    paper = Config.of(**flagfile.read(flagfile.PAPER))
    assert paper.model == "calciumgan" and paper.optimization.ema == 0


def test_other_models_take_the_sizes_of_the_paper_and_their_own_recipe():
    flags = plan.flags_of("physiological", plan.PAPER, {"noise_injection": True})
    assert flags["window_frames"] == 2048 and flags["units"] == 64 and "noise_injection" not in flags
    assert (
        Config.of(**flags).optimization.critic_updates == Config.of(model="physiological").optimization.critic_updates
    )
    assert "phase_shuffle" not in plan.flags_of("mlp", plan.PAPER, {})


def test_a_population_like_a_recording_has_its_inferred_moments():
    data = populations.population(neurons=4).recording(20000)
    population = plan.population_like(data)
    settings = deconvolution.fit_settings(data.traces, data.g, data.s_min)
    means, covariance = frame_moments(deconvolution.infer_spikes(data.traces[None], settings).spikes)
    np.testing.assert_allclose(population.spiking.means, means, rtol=1e-6)
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(population.spiking.covariance()[off], covariance[off], atol=2e-5)
    assert population.s_min == data.s_min


def test_experiments_of_a_recording(tmp_path):
    traces = populations.population(neurons=3).recording(7000).traces
    Recording(traces, 24.0, source="mine").save(tmp_path / "mine.h5")
    models = ["calciumgan", "physiological"]
    experiments = plan.experiments(models, plan.LAPTOP, {"phase_shuffle": 3}, str(tmp_path / "mine.h5"))
    assert [one.name for one in experiments] == [plan.TRUTH, plan.RECORDING, plan.UNSHUFFLED, plan.LONG]
    truth, recorded, without, long = experiments
    assert [list(one.configs) for one in experiments] == [models, models, ["calciumgan"], models]
    assert truth.truth is not None and truth.recording.frames == 7000 and truth.recording.spikes is not None
    assert truth.configs["physiological"].physiological == recorded.configs["physiological"].physiological
    assert recorded.recording.sha256() == without.recording.sha256() != truth.recording.sha256()
    assert (recorded.config.critic.phase_shuffle, without.config.critic.phase_shuffle) == (3, 0)
    assert [one.data.window_frames * one.optimization.batch_size for one in long.configs.values()] == [32 * 256] * 2


def test_short_recordings_have_no_long_windows_and_models_without_phase_shuffle_no_comparison(tmp_path):
    populations.population(neurons=3).recording(2000).save(tmp_path / "short.h5")
    experiments = plan.experiments(["mlp"], plan.LAPTOP, {}, str(tmp_path / "short.h5"))
    assert [one.name for one in experiments] == [plan.TRUTH, plan.RECORDING]


def test_experiments_of_a_missing_recording():
    with pytest.raises(InputError, match="none.h5"):
        plan.experiments(["calciumgan"], plan.LAPTOP, {}, "none.h5")


def test_an_option_that_no_model_has():
    with pytest.raises(InputError, match="--dropout=0.3, but none of --models=calciumgan has it"):
        plan.experiments(["calciumgan"], plan.LAPTOP, {"dropout": 0.3})


def test_rows_are_means_and_sds_over_seeds():
    results = [
        {"tables": {"t": {"critic_loss_last": {"unit": "", "generated": value, "floor": value / 2, "shuffled": None}}}}
        for value in (1.0, 3.0)
    ]
    (row,) = tables.of_results({"wavegan": results}, "t", ", on")
    assert row["row"] == "critic_loss_last, on" and row["original"] == original.FIGURES["critic_loss_last"]
    assert row["models"] == {"wavegan": (2.0, pytest.approx(2**0.5))} and row["floor"] == 1.0
    assert row["shuffled"] is None
    (single,) = tables.of_results({"wavegan": results[:1], "mlp": []}, "t")
    assert single["models"] == {"wavegan": (1.0, None), "mlp": None}
    first = [("units", 64, {"wavegan": 8})]
    text = tables.markdown(first, {"T": [row]}, {"Hyper-parameters": "a", "T": "b"}, ["wavegan", "mlp"])
    assert "|  | original | floor | `wavegan` |\n" in text  # columns without a value are left out
    assert "| critic_loss_last, on | -9.4 | 1 | 2 ± 1.4 |" in text and "| units | 64 | 8 | - |" in text


def test_the_other_run_is_shown_as_a_range():
    result = {"tables": {"t": {"correlation_kl": {"unit": "nats", "generated": 2.0, "floor": 1.0}}}}
    rows = tables.of_results({"mlp": [result]}, "t")
    text = tables.markdown([], {"T": rows}, {"Hyper-parameters": "a", "T": "b"}, ["mlp"])
    assert "|  | other run of the original's code | floor | `mlp` |" in text
    assert "| correlation_kl (nats) | 0.06 to 0.109 | 1 | 2 |" in text
    cells = tables.comma_separated([], {"T": rows}, ["mlp"]).splitlines()[1].split(",")
    assert cells == ["T", "correlation_kl", "nats", "", "", "0.06", "0.109", "2.0", "", "1.0", "", ""]
