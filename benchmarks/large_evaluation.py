"""Time and memory of a whole evaluation, evaluate.py --diagnostics, with a large recording and a thousand windows.

    python benchmarks/large_evaluation.py --size=paper          # 102 neurons, windows of 2048 frames
    python benchmarks/large_evaluation.py --size=population     # 1,000 neurons, windows of 256 frames
    python benchmarks/large_evaluation.py --size=demo           # 16 neurons, windows of 256 frames
    python benchmarks/large_evaluation.py --data=FOLDER         # keeps the recording and the windows there

An hour of planted_faults.Truth at 24 Hz is evaluated with fresh windows of the same truth. The recording states no
indicator, so kernels are estimated, and they rise, so the slower deconvolution of the second order is used. Prints the
wall time, the CPU time of all processes, and the peak of the memory that all of them hold at once.
"""

import contextlib
import dataclasses
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

import measure
import planted_faults

SIZES = {  # minutes, neurons, windows, frames of a window
    "paper": (60, 102, 1000, 2048),
    "population": (60, 1000, 1000, 256),
    "demo": (60, 16, 1000, 256),
    "quick": (1, 3, 20, 64),
}
PART = 20_000_000  # trace values that are simulated at a time
EVERY = 0.05  # s between two looks at the memory


def make(folder, minutes, neurons, windows, frames):
    """Writes the recording and the windows, unless they are there."""
    from calciumgan_tf.sampling import samples

    recorded, generated = folder / "recorded.h5", folder / "generated.h5"
    if not generated.exists():
        truth = planted_faults.Truth(neurons, round(minutes * 60 * 24), seed=1)
        dataclasses.replace(truth.recording(), tau_decay=None).save(recorded)
        some = max(1, min(windows, PART // (frames * neurons)))
        parts = (
            {"traces": truth.windows(min(some, windows - first), frames, number)}
            for number, first in enumerate(range(0, windows, some))
        )
        samples.write(generated, parts, (windows, frames, neurons), {"frame_rate": truth.frame_rate, "model": "truth"})
    return recorded, generated


def processes(root) -> list:
    """The numbers of a process and of all that it started."""
    found = [root]
    for one in found:
        for task in pathlib.Path(f"/proc/{one}/task").glob("*"):
            with contextlib.suppress(OSError):  # it has ended
                found += map(int, (task / "children").read_text().split())
    return found


def held(root) -> int:
    """Resident memory of a process and of all that it started, KiB; pages that several of them share count for each."""
    total = 0
    for one in processes(root):
        with contextlib.suppress(OSError, IndexError):
            status = pathlib.Path(f"/proc/{one}/status").read_text()
            total += int(status.partition("VmRSS:")[2].split()[0])
    return total


def run(command):
    """Runs a command: seconds, CPU seconds and peak memory in MiB of all its processes together.

    The memory is looked at many times a second. The kernel's own largest value of the largest process is the least that
    is returned.
    """
    before, start, peak = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter(), 0
    with subprocess.Popen(command, cwd=measure.ROOT) as process:
        while process.poll() is None:
            peak = max(peak, held(process.pid))
            time.sleep(EVERY)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with status {process.returncode}")
    cpu = sum(getattr(after, one) - getattr(before, one) for one in ("ru_utime", "ru_stime"))
    return {"seconds": seconds, "cpu_seconds": cpu, "peak_mib": max(peak, after.ru_maxrss) / 2**10}


def main():
    asked = measure.arguments(__doc__, SIZES, rounds=1, data=True)
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(asked.data or stack.enter_context(tempfile.TemporaryDirectory())).absolute() / asked.size
        folder.mkdir(parents=True, exist_ok=True)
        recorded, generated = make(folder, *SIZES[asked.size])
        output = folder / f"evaluation-{os.getpid()}"
        flags = (f"--recorded={recorded}", f"--generated={generated}", f"--output={output}")
        found = [run([sys.executable, "evaluate.py", "--diagnostics", *flags]) for _ in range(asked.rounds)]
    best = min(found, key=lambda one: one["cpu_seconds"])
    measure.report("large_evaluation", asked.size, rounds=asked.rounds, **best)


if __name__ == "__main__":
    sys.exit(main())
