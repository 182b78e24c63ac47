"""What a network says at given points, for assigners that look at it."""

from __future__ import annotations

from keras import ops

from edgedet.geometry import boxes as box_geometry
from edgedet.geometry import ltrb
from edgedet.targets.gather import pick


class Predicted:
    """Raw predictions, without a gradient.

    Args:
        raw: `{kind: [B, P, k]}`, see `Detector.call`.
        points: `[P, 2]` (x, y) in input pixels.
        strides: `[P]` input pixels per cell.

    Attributes:
        boxes: `[B, P, 4]` xyxy in input pixels.
        class_logits: `[B, P, C]`.
        objectness_logits: `[B, P]`, or `None` where the network says none.
    """

    def __init__(self, raw: dict, points, strides):
        raw = {name: ops.stop_gradient(ops.convert_to_tensor(raw[name])) for name in raw}
        self.boxes = ltrb.decode(raw["box_ltrb"], points, strides)
        self.class_logits = raw["class_logits"]
        objectness = raw.get("objectness_logits")
        self.objectness_logits = None if objectness is None else objectness[..., 0]

    def iou(self, places, boxes):
        """Return the IoU of the predicted boxes with the objects', `[B, G, K]`.

        Args:
            places: int32 `[B, G, K]`, which of the P points.
            boxes: `[B, G, 4]` of the objects.
        """
        return box_geometry.iou(pick(self.boxes, places), boxes[..., None, :])

    def log_score(self, places, labels):
        """Return the logarithm of the score of each object's class, `[B, G, K]`.

        The score is that of the class, times objectness where there is one.

        Args:
            places: int32 `[B, G, K]`, which of the P points.
            labels: int32 `[B, G]` of the objects; what padding gets means nothing.
        """
        batch, count, classes = ops.shape(self.class_logits)
        flat = ops.reshape(self.class_logits, (batch, count * classes))
        said = ops.log_sigmoid(pick(flat, places * classes + ops.maximum(labels, 0)[..., None]))
        if self.objectness_logits is None:
            return said
        return said + ops.log_sigmoid(pick(self.objectness_logits, places))

    def scores(self):
        """Return the score of every class, `[B, P, C]`."""
        scores = ops.sigmoid(self.class_logits)
        if self.objectness_logits is None:
            return scores
        return scores * ops.sigmoid(self.objectness_logits)[..., None]
