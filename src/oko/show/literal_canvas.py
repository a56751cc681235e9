"""The canvas of figures: a name is drawn letter by letter, whatever stands in it."""

from __future__ import annotations

from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg

from oko.language import visible


class LiteralCanvas(FigureCanvasAgg):
    """Draw no text backwards for a sign in it that turns the direction of writing.

    Notes
    -----
    Every text of a figure comes to its renderer, ticks and legends too; a turned name would turn the number beside it.
    That dollar signs are no formulas is a setting of :func:`oko.show.theme.draw`.
    """

    def get_renderer(self) -> RendererAgg:
        """Return the renderer for the figure's present size."""
        width, height = self.get_width_height(physical=True)
        known = getattr(self, "renderer", None)
        if known is None or (known.width, known.height, known.dpi) != (width, height, self.figure.dpi):
            self.renderer: RendererAgg = _Renderer(width, height, self.figure.dpi)  # type: ignore[no-untyped-call]
        return self.renderer


class _Renderer(RendererAgg):
    def draw_text(self, gc: Any, x: float, y: float, s: str, *rest: Any, **named: Any) -> None:
        super().draw_text(gc, x, y, visible(s), *rest, **named)  # type: ignore[no-untyped-call]

    def get_text_width_height_descent(self, s: str, prop: Any, ismath: Any) -> tuple[float, float, float]:
        size = super().get_text_width_height_descent(visible(s), prop, ismath)  # type: ignore[no-untyped-call]
        width, height, descent = size
        return width, height, descent
