"""Keeps the garbage collector from scanning what is there to stay."""

import gc

# How many containers are made, beyond those that are gone again, between two looks for cycles. A
# page of fifty rows has thousands that end with it: with the 700 of Python's own, it was walked
# several times while it was made.
MADE_BETWEEN_LOOKS = 20_000


def freeze() -> None:
    """Exempt everything that is loaded; call it once, when a process has started.

    Without it a full collection walks hundreds of thousands of objects of the libraries, and
    pauses whatever the process is doing for about 100 ms.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(MADE_BETWEEN_LOOKS)
