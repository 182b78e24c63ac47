"""The package is a stack of layers: each imports only from the layers below it."""

import ast
from pathlib import Path

import pytest

import edgedet

# Lowest first. Packages on one line know nothing of each other.
LAYERS = [
    {"errors", "file_part"},
    {"files", "quiet", "outputs", "settings", "npy", "manifest_values", "tflite_head"},
    {"geometry", "detections", "images", "budgets"},
    {"thermal"},
    {"manifest", "parts"},
    {"data", "targets", "losses", "metrics", "networks", "runtime"},
    {"quantization"},
    {"pruning"},
    {"models"},
    {"evaluation"},
    {"training", "export"},
    {"demo"},
    {"cli"},
]
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}
# Neither above nor below: the version, and `python -m`.
DOORS = {"__init__", "__main__"}
ROOT = Path(edgedet.__file__).parent


def packages():
    """Return the name of every module and folder directly inside the package."""
    return {path.relative_to(ROOT).with_suffix("").parts[0] for path in ROOT.rglob("*.py")} - DOORS


def imported_packages(source, package):
    """Yield (name, line) of what `source` imports from edgedet, however it is written.

    Args:
        source: Python code of a module that is neither `__init__` nor `__main__`.
        package: Dotted name of the package that the module lies in.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) + 1 - node.level]
            module = ".".join([*(parents if node.level else []), *filter(None, [node.module])])
            names = [f"{module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "edgedet" and rest:
                yield rest.partition(".")[0], node.lineno


def imports_between_packages():
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        package = ".".join(["edgedet", *parts[:-1]])
        for imported, line in imported_packages(path.read_text(), package):
            if parts[0] not in DOORS and imported != parts[0]:
                yield parts[0], imported, f"{path}:{line}"


def test_every_package_has_a_layer():
    assert packages() <= LEVEL.keys(), "a package that no layer lists"


def test_imports_point_down():
    wrong = [
        f"{place}: {importer} may not import {imported}"
        for importer, imported, place in imports_between_packages()
        # Names that no layer lists are attributes of the package itself, as its version.
        if imported in LEVEL and LEVEL[imported] >= LEVEL[importer]
    ]
    assert not wrong, "\n".join(wrong)


def test_imports_are_of_packages_that_exist():
    known = packages() | {"__version__"}
    wrong = [
        f"{place}: {imported}"
        for _, imported, place in imports_between_packages()
        if imported not in known
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    [
        "import edgedet.models",
        "import edgedet.models.phantom as phantom",
        "import numpy, edgedet.models",
        "from edgedet import models",
        "from edgedet import geometry as g, models",
        "from edgedet.models import Phantom",
        "from edgedet.models.phantom import Phantom",
        "from .. import models",
        "from ..models import Phantom",
        "def late():\n    from edgedet.models import Phantom",
    ],
)
def test_no_way_to_import_goes_unseen(source):
    assert "models" in [name for name, _ in imported_packages(source, "edgedet.runtime")]


def test_the_version_costs_nothing():
    # `import edgedet.runtime` runs this file first.
    imports = (ast.Import, ast.ImportFrom)
    tree = ast.parse((ROOT / "__init__.py").read_text())
    assert not [node for node in ast.walk(tree) if isinstance(node, imports)]
