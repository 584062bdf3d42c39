"""Tone map: from the wide colours and bright lights of HDR films (BT.2020; HLG, PQ) to those of BT.709.

FFmpeg's own way to do so (``zscale``) is not in PyAV's wheel, so colours are looked up in a table computed here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from integrity_archive.support.cache import cached_file, key_of

VERSION = 1
"""Increase it when the tables change."""

BT709, BT2020, PQ, HLG = 1, 9, 16, 18
"""Code points of primaries and transfer functions; ITU-T H.273, tables 2 and 3."""

EDGE = 33
"""Entries of a table along each of red, green and blue; between them FFmpeg interpolates."""
PEAK = 1000.0
"""Brightest light, in cd/m², of the screens on which HDR films are graded, and the nominal peak of HLG."""
WHITE = 203.0
"""White paper in an HDR film, in cd/m²; ITU-R BT.2408. It is the brightest light of a film without HDR."""

LUMINANCE = (0.2627, 0.6780, 0.0593)
"""Shares of red, green and blue in luminance; ITU-R BT.2020."""
TO_BT709 = ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187))
"""From linear BT.2020 to linear BT.709; ITU-R BT.2087 and its inverse, BT.2407."""

Values = npt.NDArray[np.float64]


def is_wide(primaries: int, transfer: int) -> bool:
    """Whether a picture with these code points looks wrong on a screen that knows only BT.709."""
    return primaries == BT2020 or transfer in (PQ, HLG)


def cube_file(transfer: int) -> str:
    """Path of the table for this transfer function, in the cache: a ``.cube`` file, as ``lut3d`` reads it."""
    curve = transfer if transfer in (PQ, HLG) else BT709

    def make(path: str) -> None:
        axis = np.linspace(0, 1, EDGE)
        blue, green, red = np.meshgrid(axis, axis, axis, indexing="ij")  # red runs fastest
        rows = converted(np.stack([red, green, blue], axis=-1).reshape(-1, 3), curve)
        lines = (f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in rows)
        Path(path).write_text("\n".join([f"LUT_3D_SIZE {EDGE}", *lines, ""]), "ascii")

    return cached_file(f"{key_of('tone map', VERSION, curve)}.cube", make)


def converted(signal: Values, transfer: int) -> Values:
    """Red, green and blue from 0 to 1, one colour a row, as BT.709 with the tones of ITU-R BT.2390, section 5.4."""
    if transfer == PQ:
        light = _from_pq(signal)
    elif transfer == HLG:
        light = _from_hlg(signal)
    else:  # BT.2020 without HDR: only the primaries differ
        light = signal**2.4 * WHITE
    if transfer in (PQ, HLG):
        brightest = light.max(axis=1, keepdims=True)
        # All three by one factor, so that bright colours keep their hue.
        light = light * np.divide(_dimmed(brightest), brightest, out=np.ones_like(brightest), where=brightest > 0)
    rgb = np.clip(light / WHITE @ np.array(TO_BT709).T, 0, 1)
    return np.asarray(rgb ** (1 / 2.4))


def _dimmed(light: Values) -> Values:
    """Light up to ``PEAK`` brought below ``WHITE``: unchanged up to a knee, then along a Hermite spline."""
    top, most = _to_pq(np.array(PEAK)), _to_pq(np.array(WHITE)) / _to_pq(np.array(PEAK))
    knee = 1.5 * most - 0.5
    e = np.minimum(_to_pq(light) / top, 1)
    t = np.maximum(0, (e - knee) / (1 - knee))
    spline = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * most
    return _from_pq(np.where(e < knee, e, spline) * top)


# SMPTE ST 2084
_M1, _M2, _C1, _C2, _C3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128


def _from_pq(signal: Values) -> Values:
    power = signal ** (1 / _M2)
    return np.asarray(10_000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def _to_pq(light: Values) -> Values:
    power = (light / 10_000) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def _from_hlg(signal: Values) -> Values:
    """Light on a screen of ``PEAK``; ITU-R BT.2100, table 5."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    luminance = scene @ np.array(LUMINANCE)
    return np.asarray(PEAK * luminance[:, None] ** 0.2 * scene)
