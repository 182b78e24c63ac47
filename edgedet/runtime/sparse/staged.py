"""The stages of a model file, run over the whole image or over windows of it."""

from __future__ import annotations

import functools

import numpy as np

from edgedet.manifest import Manifest, Stage
from edgedet.runtime.engine import LiteRTEngine
from edgedet.runtime.sparse.partial_input import Span
from edgedet.runtime.sparse.windows import CALL, Cost, Window

IMAGES = "images"


class StagedNetwork:
    """A network that remembers nothing; what it computed is kept in a `FeatureMaps`.

    Args:
        engine: Of a file that was exported with stages.
        manifest: Of the same file.

    Raises:
        ModelError: The file lacks a stage that its manifest promises.
    """

    def __init__(self, engine: LiteRTEngine, manifest: Manifest):
        self.engine, self.input_size = engine, manifest.input_size
        self.stages = [_RunnableStage(engine, stage, manifest) for stage in manifest.stages]
        self.macs = sum(stage.macs for stage in manifest.stages)
        # The finest grid that all windows can be aligned to.
        self.cell = max(stage.stride for stage in self.stages if stage.halo)
        self._sight = [
            [halo * stage.stride for halo in stage.halo]
            for stage in self.stages
            if IMAGES in stage.inputs
        ]

    @functools.cached_property
    def cost(self) -> Cost:
        """What a window of cells costs."""
        cell = side = window = 0.0
        windowed = [stage for stage in self.stages if stage.halo]
        total = sum(stage.macs for stage in windowed)
        for stage in windowed:
            per_cell = stage.macs / total / np.prod(stage.size)
            cells, halo = self.cell // stage.stride, sum(stage.halo)
            cell += per_cell * cells**2
            side += per_cell * cells * halo
            window += per_cell * halo**2
        return Cost(float(cell), float(side), float(window) + CALL)

    def seen(self, window: Window) -> tuple[Span, Span]:
        """Return the rows and the columns of the image that a window is computed from."""
        before, after = (max(halos) for halos in zip(*self._sight, strict=True))
        ends = (window.top, window.bottom), (window.left, window.right)
        rows, columns = (
            (max(self.cell * start - before, 0), min(self.cell * end + after, side))
            for (start, end), side in zip(ends, self.input_size, strict=True)
        )
        return rows, columns


class FeatureMaps:
    """What a network last computed of one stream: its outputs, and what flows between its stages.

    Args:
        network: Computes them; it may serve several streams.
    """

    def __init__(self, network: StagedNetwork):
        self._network = network
        self._maps: dict[str, np.ndarray] = {}

    def update(self, images: np.ndarray, windows: list[Window] | None) -> int:
        """Compute windows of an image, or all of it with `None`, and return the multiplications.

        Args:
            images: uint8 `[1, h, w, bands]`, the network input.
            windows: In cells of the network; without any, what sees the whole image would still
                be computed, so leave the call out.
        """
        self._maps[IMAGES] = self._network.engine.to_input(images)
        spent = 0
        for stage in self._network.stages:
            if windows is None or not stage.halo:
                self._maps.update(stage.whole(self._maps))
                spent += stage.macs
            else:
                scale = self._network.cell // stage.stride
                spent += sum(stage.window(self._maps, window, scale) for window in windows)
        return spent

    def raw(self) -> dict[str, np.ndarray]:
        """Return what the network says of the image as it is remembered; see `Engine`."""
        return self._network.engine.real(self._maps)


class _RunnableStage:
    """One stage with its signature, and where its tensors lie."""

    def __init__(self, engine, stage: Stage, manifest: Manifest):
        runner = engine.stage(stage.name)
        self._run = runner.run
        self.halo, self.macs = stage.halo, stage.macs
        self.inputs, self.outputs = stage.inputs, stage.outputs
        sizes = {name: shape[1:3] for name, shape in runner.shapes.items()}
        self._strides = {name: manifest.input_size[0] // size[0] for name, size in sizes.items()}
        # What holds one cell for the whole image is no map.
        self._maps = {name for name, size in sizes.items() if size != (1, 1)}
        self.stride = max(self._strides[name] for name in self._maps)
        self.size = tuple(side // self.stride for side in manifest.input_size)

    def whole(self, maps):
        """Return the outputs, by name, of whole inputs."""
        return self._run(**{name: maps[name] for name in self.inputs})

    def window(self, maps, window: Window, scale: int) -> int:
        """Compute one window, write it into the maps, and return the multiplications.

        At a border of the image the window ends where the image ends, and what pads it there is
        what pads the image. Inside, the halo is computed and thrown away.
        """
        rows, columns = (
            _Span.around(start * scale, end * scale, self.halo, side)
            for start, end, side in (
                (window.top, window.bottom, self.size[0]),
                (window.left, window.right, self.size[1]),
            )
        )
        inputs = {name: self._crop(maps[name], name, rows, columns) for name in self.inputs}
        for name, output in self._run(**inputs).items():
            times = self.stride // self._strides[name]
            inner = output[:, rows.inner(times), columns.inner(times)]
            maps[name][:, rows.kept(times), columns.kept(times)] = inner
        return self.macs * len(rows) * len(columns) // (self.size[0] * self.size[1])

    def _crop(self, tensor, name, rows, columns):
        if name not in self._maps:
            return tensor
        times = self.stride // self._strides[name]
        return tensor[:, rows.outer(times), columns.outer(times)]


class _Span:
    """A window along one axis: what is kept of it, and what must be computed for that."""

    def __init__(self, start, end, first, last):
        self._start, self._end, self._first, self._last = start, end, first, last

    @classmethod
    def around(cls, start, end, halo, side):
        """Return the span of `start` to `end` with its halo, inside an image of `side` cells."""
        return cls(start, end, max(start - halo[0], 0), min(end + halo[1], side))

    def __len__(self):
        return self._last - self._first

    def outer(self, times):
        """Return what is computed, of a tensor that has `times` cells for each."""
        return slice(self._first * times, self._last * times)

    def kept(self, times):
        """Return what is kept, of the tensor."""
        return slice(self._start * times, self._end * times)

    def inner(self, times):
        """Return what is kept, of what is computed."""
        return slice((self._start - self._first) * times, (self._end - self._first) * times)
