"""The two failures that are told in one line instead of a traceback."""


class InputError(ValueError):
    """A mistake in what the user gave: what is wrong, and what to do about it."""

    def __init__(self, wrong: str, remedy: str):
        super().__init__(f"{wrong}: {remedy}")


class TrainingDiverged(ArithmeticError):
    """A loss stopped being finite; the last good checkpoint is untouched."""
