"""Garbage: keeping the collector of cyclic garbage away from what lives as long as a build.

Ten thousand entries are some two million objects, none of them garbage while the build lasts; going through them again
and again took a tenth of a build.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def without_collection() -> Iterator[None]:
    """What is made within is not searched for garbage, neither then nor later, until ``over``."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()


def skip_last_collection() -> None:
    """The process ends, and the system takes everything back at once: nothing is worth being searched any more."""
    gc.disable()
    gc.freeze()


def resume_collection() -> None:
    """The build is over, and what it was made of is like everything else."""
    gc.unfreeze()
