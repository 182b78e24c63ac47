"""`edgedet train tiny`: the command, with the smallest model of the tests.

python command.py --data DIR --out RUN [FLAGS]
"""

import sys

from conftest import Tiny

from edgedet.cli.main import main
from edgedet.models import MODELS
from edgedet.settings import Optimization
from edgedet.training import RECIPES, Recipe

MODELS["tiny"] = Tiny
RECIPES["tiny"] = Recipe(
    "tiny",
    input_size=(64, 64),
    batch_size=2,
    evaluate_every=2,
    optimization=Optimization(warmup_epochs=0.5),
)

if __name__ == "__main__":
    sys.exit(main(["train", "tiny", *sys.argv[1:]]))
