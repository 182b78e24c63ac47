"""Learning rates over time.

Cosine decay: Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983
"""

import math

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="edgedet")
class WarmupCosine(keras.optimizers.schedules.LearningRateSchedule):
    """Rises evenly to a peak, then falls along half a cosine.

    Args:
        peak: The largest learning rate.
        warmup_steps: Steps until the peak.
        total_steps: Steps until the end.
        final_share: Share of the peak that is left at the end.
    """

    def __init__(self, peak, warmup_steps, total_steps, final_share=0.0):
        self.peak = peak
        self.warmup_steps = warmup_steps
        self.total_steps = total_steps
        self.final_share = final_share

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rising = (step + 1.0) / max(self.warmup_steps, 1)
        length = max(self.total_steps - self.warmup_steps, 1)
        progress = ops.clip((step - self.warmup_steps) / length, 0.0, 1.0)
        cosine = 0.5 * (1.0 + ops.cos(math.pi * progress))
        falling = self.final_share + (1.0 - self.final_share) * cosine
        return self.peak * ops.minimum(rising, falling)

    def get_config(self):
        return {
            "peak": self.peak,
            "warmup_steps": self.warmup_steps,
            "total_steps": self.total_steps,
            "final_share": self.final_share,
        }
