"""Failures that the scripts report in one line instead of a traceback."""


class InputError(ValueError):
    """Wrong input: what is wrong, and what the user can do about it."""

    def __init__(self, wrong: str, remedy: str):
        super().__init__(f"{wrong}: {remedy}")


class WorkerLost(ConnectionError):
    """Another worker of the same training is gone, so that it can't go on."""


class TrainingDiverged(ArithmeticError):
    """A loss stopped being finite; the last good checkpoint is untouched."""
