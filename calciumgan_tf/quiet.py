"""TensorFlow's notes on CUDA and CPU features, which say nothing about what the user did, are left out."""

import contextlib
import os
import sys
import tempfile

GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-ctrl")
NOTES = ("I0000", "WARNING: All log messages before absl::InitializeLog()")


def set_level() -> None:
    """Sets what TensorFlow logs, unless the environment says it already; has an effect before TensorFlow is imported.

    Its exceptions always show; so do the errors it logs, but on a machine without a GPU, where CUDA reports just that
    as an error.
    """
    without_gpu = sys.platform == "linux" and not any(map(os.path.exists, GPU_DEVICES))
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3" if without_gpu else "2")


@contextlib.contextmanager
def first_import():
    """Around the first import of TensorFlow: leaves out its notes, passes on all else.

    TensorFlow 2.21 prints them before it looks at TF_CPP_MIN_LOG_LEVEL. Where TensorFlow is loaded already, nothing is
    done.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    set_level()
    with tempfile.TemporaryFile("w+", errors="replace") as caught:
        stderr = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            sys.stderr.writelines(line for line in caught if not line.startswith(NOTES))
