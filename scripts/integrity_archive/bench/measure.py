"""Measure: runs a command and reads its time and memory."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """The cost of one run."""

    seconds: float
    peak_mb: float
    """Largest resident set of the process itself, in MB, without its children."""


def run(command: Sequence[str], cwd: Path) -> Cost:
    """Run a command to its end and measure it.

    Raises:
        RuntimeError: the command failed; the message is the end of its output.
    """
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)}: {output.decode(errors='replace')[-2000:]}")
    return Cost(seconds, _megabytes(usage))


def _megabytes(usage: resource.struct_rusage) -> float:
    """Linux counts ``ru_maxrss`` in KiB."""
    return usage.ru_maxrss / 1024


def size(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
