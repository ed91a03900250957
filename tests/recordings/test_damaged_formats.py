"""Damaged files of every format: a recording or one line, in time and in little memory."""

import concurrent.futures
import multiprocessing
import resource
import signal

import numpy as np
import pytest
import recording_formats as formats

from calciumgan_tf.errors import InputError
from calciumgan_tf.recordings import readers
from calciumgan_tf.synthetic import populations

MUTATIONS = 300
SECONDS, BYTES = 900, 2 << 30  # for all files of a format


def damaged(whole, generator):
    """A copy that is cut, or has one or several wrong bytes, anywhere or near its beginning."""
    kind = generator.integers(4)
    if kind == 0:
        return whole[: generator.integers(len(whole))]
    copy = bytearray(whole)
    for _ in range(20 if kind == 3 else 1):
        copy[generator.integers(min(len(copy), 4000) if kind == 1 else len(copy))] ^= int(generator.integers(1, 256))
    return bytes(copy)


def read_all(path, options, whole):
    """Reads damaged copies of a file with limits on memory and time; how many were refused in one line."""
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + BYTES, used + BYTES))
    signal.alarm(SECONDS)
    generator, refused = np.random.default_rng(0), 0
    for _ in range(MUTATIONS):
        path.write_bytes(damaged(whole, generator))
        try:
            readers.read(path, options)
        except InputError as error:
            assert len(str(error).splitlines()) == 1
            refused += 1
    return refused


@pytest.mark.slow
@pytest.mark.parametrize("save", [save for save in formats.FORMATS if save is not formats.save_nwb_with_timestamps])
def test_damaged_files_of_every_format(tmp_path, save):
    if save is formats.save_caiman:
        pytest.importorskip("roiextractors")
    path, options = formats.with_options(save(tmp_path, populations.population(neurons=4).recording(300).traces))
    readers.read(path, options)  # imports what it needs
    forked = multiprocessing.get_context("fork")
    with concurrent.futures.ProcessPoolExecutor(1, forked) as child:
        assert child.submit(read_all, path, options, path.read_bytes()).result() > MUTATIONS / 10
