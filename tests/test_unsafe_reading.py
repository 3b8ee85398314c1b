"""Nothing in the app runs what a file says: the source is searched for every way to do so."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted([ROOT / "main.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "gui").rglob("*.py")])
MODULES = frozenset(
    {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "runpy"}
)
"""Importing one is enough to be found."""
NAMES = frozenset({"eval", "exec", "compile", "__import__"})
CALLS = frozenset(
    {
        "os.system", "os.popen", "cv2.FileStorage", "torch.jit.load", "torch.hub.load",
        "torch.package.PackageImporter", "pandas.read_pickle", "pd.read_pickle", "yaml.load",
        "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.unsafe_load",
        "yaml.unsafe_load_all", "yaml.safe_load", "yaml.safe_load_all", "shutil.unpack_archive",
        "numpy.lib.format.read_array", "np.lib.format.read_array",
    }
)  # fmt: skip
"""yaml.safe_load runs nothing, and takes as much memory as a file of a few lines may ask for:
core/plain_yaml.py does not."""
METHODS = frozenset({"extractall", "extract"})
"""Of archives: what they hold may be named as it likes."""
WITH: dict[str, tuple[str, object, object]] = {
    # a call, what it must be told, the value, and what it is when left out
    "torch.load": ("weights_only", True, None),
    "np.load": ("allow_pickle", False, False),
    "numpy.load": ("allow_pickle", False, False),
}
ENDING_WITH: dict[str, tuple[str, object, object]] = {
    "merge_from_file": ("allow_unsafe", False, None),
    "load_yaml_with_base": ("allow_unsafe", False, None),
}


def findings(source: str) -> Iterator[str]:
    """Each way that this source has to run what a file says, with its line."""
    for node in ast.walk(ast.parse(source)):
        for what in _found(node):
            yield f"{node.lineno}: {what}"


def _found(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (one.name for one in node.names if one.name.split(".")[0] in MODULES)
    elif isinstance(node, ast.ImportFrom):
        module = node.module or ""
        named = {f"{module}.{one.name}" for one in node.names}
        yield from [module] if module.split(".")[0] in MODULES else []
        yield from sorted(named & (CALLS | WITH.keys()))
    elif isinstance(node, ast.Call):
        yield from _of_call(node)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    told = {one.arg: one.value for one in call.keywords}
    if name in NAMES or name in CALLS or (last in METHODS and name != last):
        yield name
    for rule in (WITH.get(name), ENDING_WITH.get(last)):
        if rule is None:
            continue
        argument, wanted, usual = rule
        value = told.get(argument)
        is_said = isinstance(value, ast.Constant) and value.value is wanted
        if not is_said and not (value is None and usual is wanted):
            yield f"{name} without {argument}={wanted}"
    shell = told.get("shell")
    if shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False):
        yield f"{name} with a shell"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_in_a_file_can_make_the_app_run_what_another_file_says(file: Path) -> None:
    assert list(findings(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import pickle", "from pickle import loads", "import joblib as j", "import marshal",
        "eval(x)", "exec(x)", "__import__(x)", "os.system(x)", "torch.load(x)",
        "torch.load(x, weights_only=False)", "torch.load(x, weights_only=is_safe)",
        "from torch import load", "np.load(x, allow_pickle=True)", "np.load(x, allow_pickle=y)",
        "yaml.load(x, Loader=L)", "yaml.safe_load(x)", "from yaml import unsafe_load",
        "cv2.FileStorage(x, 0)", "archive.extractall(x)", "torch.jit.load(x)",
        "config.merge_from_file(x)", "subprocess.run(x, shell=True)",
    ],
)  # fmt: skip
def test_the_search_finds_what_it_looks_for(source: str) -> None:
    assert len(list(findings(source))) == 1


@pytest.mark.parametrize(
    "source",
    [
        "torch.load(x, weights_only=True)",
        "np.load(x)",
        "np.load(x, allow_pickle=False)",
        "config.merge_from_file(x, allow_unsafe=False)",
        "model.eval()",
        "re.compile(x)",
    ],
)
def test_the_search_lets_pass_what_is_safe(source: str) -> None:
    assert list(findings(source)) == []
