"""The canvas of figures: a name is drawn letter by letter, whatever stands in it."""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

from oko.language import visible


class LiteralCanvas(FigureCanvasAgg):
    """Take no dollar sign for a formula and no sign that turns the direction of writing.

    Notes
    -----
    Every text of a figure comes to its renderer, ticks and legends too; a formula that cannot be read would end the
    drawing, and a turned name would turn the number beside it.
    """

    def get_renderer(self) -> RendererAgg:
        """Return the renderer for the figure's present size."""
        width, height = self.get_width_height(physical=True)
        known = getattr(self, "renderer", None)
        if known is None or (known.width, known.height, known.dpi) != (width, height, self.figure.dpi):
            self.renderer: RendererAgg = _Renderer(width, height, self.figure.dpi)
        return self.renderer


class _Renderer(RendererAgg):
    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: Any, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:
        super().draw_text(gc, x, y, visible(s), prop, angle, False, mtext)

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        width, height, descent = super().get_text_width_height_descent(visible(s), prop, False)
        return width, height, descent
