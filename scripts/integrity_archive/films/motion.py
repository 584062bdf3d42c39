"""Motion: the part of a picture that the camera sees at each moment of a scene."""

from __future__ import annotations

from dataclasses import dataclass

CLOSE = 1.16
"""Magnification at the end of a push-in; also during a pan, so that there is room to move."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """A camera in front of a picture."""

    picture: tuple[int, int]
    """Size of the picture, in pixels; divided by ``CLOSE`` it still covers the frame."""
    frame: tuple[int, int]
    move: str
    focus: tuple[float, float] = (0.5, 0.5)

    def box(self, share: float) -> Box:
        """The visible part after ``share`` (0 to 1) of the scene: left, top, right, bottom in the picture."""
        eased = share * share * (3 - 2 * share)
        near = {"静止": 0.0, "推近": eased, "拉远": 1 - eased}.get(self.move, 0.5)
        scale = 1 + (CLOSE - 1) * near
        whole = min(self.picture[0] / self.frame[0], self.picture[1] / self.frame[1])
        width, height = (side * whole / scale for side in self.frame)
        x, y = self.focus if self.move in ("推近", "拉远") else (0.5, 0.5)
        x = {"右移": eased, "左移": 1 - eased}.get(self.move, x)
        y = {"下移": eased, "上移": 1 - eased}.get(self.move, y)
        left, top = (self.picture[0] - width) * x, (self.picture[1] - height) * y
        return (left, top, left + width, top + height)

    @property
    def still(self) -> bool:
        """Whether the camera does not move."""
        return self.move == "静止"
