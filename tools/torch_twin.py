"""The PyTorch side of `compare_training_speed.py`: the same network, loss and optimizer.

It is told of the layers on stdin, then of a number of steps a line, and says how many seconds each
took. Needs torch only. Twins differ where it costs no time: PyTorch pads both sides of an image.
"""

import copy
import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional

RADIUS = 1.2
# As of Phantom: the sizes that each level answers for.
SIZES = ((0.0, 20.0), (14.0, 48.0), (36.0, float("inf")))
CLIP_NORM, EMA_DECAY = 10.0, 0.9998


class Network(nn.Module):
    """The functional network, layer by layer."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.made = nn.ModuleDict({layer["name"]: make(layer) for layer in layers})

    def forward(self, images):
        """Return `{name of an output layer: output}`."""
        values = {}
        for layer in self.layers:
            inputs = [values[name] for name in layer["inputs"]] or [images]
            values[layer["name"]] = self.made[layer["name"]](*inputs)
        return {name: values[name] for name in values if name.endswith(("_logits", "_raw"))}


class Sum(nn.Module):
    """Adds two feature maps."""

    def forward(self, one, other):
        """Return the sum."""
        return one + other


def make(layer):
    """Return the module of one layer."""
    kind, channels = layer["kind"], layer["channels"][:1] or [3]
    if kind == "Conv2D":
        return convolution(layer, channels[0], layer["filters"], 1)
    if kind == "DepthwiseConv2D":
        return convolution(layer, channels[0], channels[0], channels[0])
    simple = {
        "InputLayer": nn.Identity,
        "BatchNorm": lambda: nn.BatchNorm2d(channels[0], eps=1e-3, momentum=0.03),
        "Activation": lambda: nn.ReLU6(inplace=False),
        "Add": Sum,
        "NearestUpsample": lambda: nn.Upsample(scale_factor=2),
    }
    return simple[kind]()


def convolution(layer, inputs, outputs, groups):
    """Return a convolution that keeps the number of cells, but for its stride."""
    kernel, stride = layer["kernel_size"][0], layer["strides"][0]
    return nn.Conv2d(
        inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=layer["use_bias"]
    )


def grid(side, strides):
    """Return the centres, strides and size ranges of all points."""
    points, steps, sizes = [], [], []
    for stride, size in zip(strides, SIZES, strict=True):
        axis = (torch.arange(side // stride) + 0.5) * stride
        y, x = torch.meshgrid(axis, axis, indexing="ij")
        points.append(torch.stack([x, y], -1).reshape(-1, 2))
        steps.append(torch.full((len(points[-1]),), float(stride)))
        sizes.append(torch.tensor(size).expand(len(points[-1]), 2))
    return torch.cat(points), torch.cat(steps), torch.cat(sizes)


def assign(boxes, points, strides, sizes):
    """Return, for each point, whether it answers for an object, and that object's box."""
    centre, side = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    length = side.prod(-1).sqrt()[:, None]
    near = (points[None, :, None] - centre[:, None]).abs().amax(-1) < RADIUS * strides[:, None]
    fits = near & (length >= sizes[:, :1]) & (length <= sizes[:, 1:])
    smallest, owner = torch.where(fits, length, torch.inf).min(-1)
    chosen = torch.gather(boxes, 1, owner[..., None].expand(-1, -1, 4))
    return torch.isfinite(smallest), chosen


def overlap(one, other):
    """Return IoU and GIoU of boxes."""
    inner = torch.minimum(one[..., 2:], other[..., 2:]) - torch.maximum(
        one[..., :2], other[..., :2]
    )
    outer = torch.maximum(one[..., 2:], other[..., 2:]) - torch.minimum(
        one[..., :2], other[..., :2]
    )
    shared, frame = inner.clamp(min=0).prod(-1), outer.prod(-1)
    areas = [(box[..., 2:] - box[..., :2]).prod(-1) for box in (one, other)]
    union = areas[0] + areas[1] - shared
    iou = shared / union.clamp(min=1e-9)
    return iou, iou - (frame - union) / frame.clamp(min=1e-9)


def loss_of(outputs, boxes, points, strides, sizes):
    """Return the quality focal loss of classes and the GIoU loss of boxes, per positive."""
    flat = {name: value.permute(0, 2, 3, 1).flatten(1, 2) for name, value in outputs.items()}
    logits = torch.cat([flat[name] for name in flat if name.endswith("logits")], 1)
    ltrb = functional.softplus(torch.cat([flat[name] for name in flat if name.endswith("raw")], 1))
    scale = strides[:, None]
    found = torch.cat([points - ltrb[..., :2] * scale, points + ltrb[..., 2:] * scale], -1)
    positive, wanted = assign(boxes, points, strides, sizes)
    iou, giou = overlap(found, wanted)
    quality = (iou.detach() * positive)[..., None]
    distance = (quality - logits.sigmoid()).abs().square()
    classes = distance * functional.binary_cross_entropy_with_logits(
        logits, quality, reduction="none"
    )
    total = classes.sum() + 2.0 * ((1 - giou) * positive).sum()
    return total / positive.sum().clamp(min=1)


def trainer(told):
    """Return a function that makes one step and returns how many seconds it took."""
    generator = torch.Generator().manual_seed(0)
    shape = told["batch"], told["objects"], 2
    corners = torch.rand(shape, generator=generator) * (told["side"] - 40)
    boxes = torch.cat([corners, corners + 5 + 35 * torch.rand(shape, generator=generator)], -1)
    images = torch.rand((told["batch"], 3, told["side"], told["side"]), generator=generator)
    images = images.to(memory_format=torch.channels_last)
    network = Network(told["layers"]).to(memory_format=torch.channels_last)
    average = copy.deepcopy(network).requires_grad_(False)
    optimizer = torch.optim.AdamW(network.parameters(), 3e-3, weight_decay=5e-4)
    state = [list(net.state_dict().values()) for net in (average, network)]
    pairs = [pair for pair in zip(*state, strict=True) if pair[0].is_floating_point()]
    shadows, weights = zip(*pairs, strict=True)
    places = grid(told["side"], told["strides"])

    def step():
        began = time.perf_counter()
        optimizer.zero_grad()
        loss_of(network(images), boxes, *places).backward()
        nn.utils.clip_grad_norm_(network.parameters(), CLIP_NORM)
        optimizer.step()
        torch._foreach_lerp_(list(shadows), [one.detach() for one in weights], 1 - EMA_DECAY)
        return time.perf_counter() - began

    return step


def main():
    """Answer until there is nothing more to read."""
    told = json.loads(sys.stdin.readline())
    torch.set_num_threads(told["threads"])
    step = trainer(told)
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps([step() for _ in range(int(line))]), flush=True)


if __name__ == "__main__":
    main()
