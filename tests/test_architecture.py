"""Which part may import which, and what stays unloaded until it is needed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import deepetch
from drawn_subjects import disc_photo, save_photo
from models import colour_key

SOURCE = Path(deepetch.__file__).parent

# A part may import itself and parts of lower tiers.
TIERS = (
    ("errors",),
    ("options", "arrays"),
    ("photo", "inference"),
    ("segment", "matte", "measure", "datasets"),
    ("evaluate", "ensemble", "plan", "report", "deliver", "training"),
    ("cutout", "layers", "calibration", "assess"),
    ("run_report", "compare", "instances"),
    ("batch", "service", "studio"),
    ("cli", "__init__", "__main__"),
)
TIER_OF = {part: tier for tier, parts in enumerate(TIERS) for part in parts}

# A package, and where alone it may be imported.
HOMES = {
    "torch": ("training/", "segment/mask_rcnn.py"),
    "torchvision": ("training/", "segment/mask_rcnn.py"),
    "lightning": ("training/",),
    "torchmetrics": ("training/",),
    "safetensors": ("training/",),
    "h5py": ("training/",),
    "onnx": ("training/",),
    "onnxruntime": ("inference/", "training/"),
    "pytorch_optimizer": ("training/",),
    "tensorboardX": ("training/",),
    "segmentation_models_pytorch": ("training/",),
    "matplotlib": ("report/",),
    "jinja2": ("report/",),
    "tomlkit": ("plan/",),
    "platformdirs": ("inference/",),
    "pycocotools": ("datasets/",),
    "scipy": ("datasets/", "matte/", "studio/"),
    "pymatting": ("matte/",),
    "numba": (),
    "skimage": ("studio/",),
    "ezdxf": ("deliver/path/",),
    "PIL": ("datasets/", "studio/"),
    "OpenEXR": ("studio/",),
    "bpy": ("studio/blender/",),
    "mathutils": ("studio/blender/",),
    "bpy_extras": ("studio/blender/",),
    "pyvips": ("photo/", "deliver/"),
    "typer": ("cli/",),
    "rich": ("cli/",),
}
ALLOWED = {
    ("cli/main.py", "deepetch"),  # for __version__
    ("__main__.py", "deepetch.cli.main"),  # starts the command line
}


def imports(file: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, inside functions and for type checking too."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            yield str(node.module)


def all_imports() -> list[tuple[str, str]]:
    return [
        (file.relative_to(SOURCE).as_posix(), name) for file in sorted(SOURCE.rglob("*.py")) for name in imports(file)
    ]


def part_of(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")


def test_every_part_has_a_tier() -> None:
    parts = {part_of(file.relative_to(SOURCE).as_posix()) for file in SOURCE.rglob("*.py")}
    assert parts <= TIER_OF.keys()


def test_imports_point_to_lower_tiers_only() -> None:
    wrong = []
    for file, name in all_imports():
        if name.split(".")[0] != "deepetch" or (file, name) in ALLOWED:
            continue
        importer, imported = part_of(file), ([*name.split("."), "__init__"])[1]
        if importer != imported and TIER_OF[importer] <= TIER_OF[imported]:
            wrong.append(f"{file} imports {name}")
    assert wrong == []


def test_heavy_and_shell_packages_are_imported_in_their_own_folder_only() -> None:
    wrong = [
        f"{file} imports {name}"
        for file, name in all_imports()
        if not file.startswith(HOMES.get(name.split(".")[0], ("",)))
    ]
    assert wrong == []


def test_core_never_prints_exits_or_reads_the_environment() -> None:
    wrong = []
    for file in sorted(SOURCE.rglob("*.py")):
        path = file.relative_to(SOURCE).as_posix()
        if path.startswith("cli/"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "exit", "sys.exit", "os._exit"):
                wrong.append(f"{path}: {ast.unparse(node)}")
            if isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv"):
                wrong.append(f"{path}: {ast.unparse(node)}")
    assert wrong == []


def loaded_after(code: str) -> set[str]:
    """Names of the top-level modules that are loaded after `code` ran in a fresh interpreter."""
    report = "import sys, json; sys.stderr.write('\\n' + json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def run_command(*arguments: str) -> str:
    """Code that runs the command line once and goes on after it; a non-zero exit status is an error."""
    return (
        f"import sys\nsys.argv = ['deepetch', *{list(arguments)!r}]\nfrom deepetch.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code"
    )


def test_importing_deepetch_loads_nothing_heavy() -> None:
    loaded = loaded_after("import deepetch; dir(deepetch); deepetch.__version__")
    assert not loaded & {"torch", "numba", "onnxruntime", "onnx", "pyvips", "cv2", "numpy", "typer"}


def test_help_of_every_command_loads_nothing_heavy() -> None:
    calls = [[], ["cut"], ["evaluate"], ["compare"], ["plan"], ["train"], ["export"], ["models"], ["models", "show"]]
    calls += [["path"], ["data", "pack"], ["studio", "render"]]
    loaded = loaded_after("\n".join(run_command(*call, "--help") for call in calls))
    assert not loaded & {"torch", "numba", "onnxruntime", "onnx", "pyvips", "cv2", "lightning"}


def test_cutting_with_default_options_loads_neither_torch_nor_numba(tmp_path: Path) -> None:
    photo = save_photo(tmp_path / "photo.jpg", disc_photo())
    model = colour_key(tmp_path / "key.onnx")
    loaded = loaded_after(run_command("cut", str(photo), "--model", str(model)))
    assert (tmp_path / "photo-cutout.png").exists()
    assert "onnxruntime" in loaded
    assert not loaded & {"torch", "numba", "onnx", "lightning"}


def test_training_never_loads_pyvips() -> None:
    names = ["augment", "stream", "export", "fit", "loss", "networks.compact", "run", "validate"]
    loaded = loaded_after("import " + ", ".join(f"deepetch.training.{name}" for name in names))
    assert "torch" in loaded
    assert not loaded & {"pyvips", "pillow_heif", "typer"}
