"""Learning rates over time: all rise evenly to a peak, and fall each in its own way.

Cosine decay: Loshchilov and Hutter 2017, https://arxiv.org/abs/1608.03983
"""

import math

import keras
from keras import ops


class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """Rises evenly to a peak; subclasses say in `falling` what share of it is left at a step.

    Args:
        peak: The largest learning rate.
        warmup_steps: Steps until the peak.
    """

    def __init__(self, peak, warmup_steps):
        self.peak = peak
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        step = ops.cast(step, "float32")
        rising = (step + 1.0) / max(self.warmup_steps, 1)
        return self.peak * ops.minimum(rising, self.falling(step))

    def get_config(self):
        return {"peak": self.peak, "warmup_steps": self.warmup_steps}


@keras.saving.register_keras_serializable(package="edgedet")
class WarmupCosine(Warmup):
    """Rises evenly to a peak, then falls along half a cosine.

    Args:
        peak: The largest learning rate.
        warmup_steps: Steps until the peak.
        total_steps: Steps until the end.
        final_share: Share of the peak that is left at the end.
    """

    def __init__(self, peak, warmup_steps, total_steps, final_share=0.0):
        super().__init__(peak, warmup_steps)
        self.total_steps = total_steps
        self.final_share = final_share

    def falling(self, step):
        length = max(self.total_steps - self.warmup_steps, 1)
        progress = ops.clip((step - self.warmup_steps) / length, 0.0, 1.0)
        cosine = 0.5 * (1.0 + ops.cos(math.pi * progress))
        return self.final_share + (1.0 - self.final_share) * cosine

    def get_config(self):
        return {
            **super().get_config(),
            "total_steps": self.total_steps,
            "final_share": self.final_share,
        }


@keras.saving.register_keras_serializable(package="edgedet")
class WarmupDrops(Warmup):
    """Rises evenly to a peak, then drops to a share of itself every so many steps.

    Args:
        peak: The largest learning rate.
        warmup_steps: Steps until the peak.
        drop_every: Steps between two drops, counted from the first step.
        share: What a drop leaves of the learning rate.
    """

    def __init__(self, peak, warmup_steps, drop_every, share=0.1):
        super().__init__(peak, warmup_steps)
        self.drop_every = drop_every
        self.share = share

    def falling(self, step):
        return self.share ** ops.floor(step / self.drop_every)

    def get_config(self):
        return {**super().get_config(), "drop_every": self.drop_every, "share": self.share}
