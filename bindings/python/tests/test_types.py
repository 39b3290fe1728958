"""The types: the stub names what the module has, and every annotation means something."""

import ast
import inspect
from pathlib import Path

import oo
from oo import _oo

STUB = Path(oo.__file__).with_name("_oo.pyi")
TREE = ast.parse(STUB.read_text())
TESTING = {"_fail", "_panic"}


def test_the_stub_names_what_the_module_has():
    classes = {node.name: node for node in TREE.body if isinstance(node, ast.ClassDef)}
    functions = {node.name for node in TREE.body if isinstance(node, ast.FunctionDef)}
    native = {name for name in vars(_oo) if not name.startswith("__")} - TESTING - {"VERSION"}
    assert native == set(classes) | functions
    for name, node in classes.items():
        stubbed = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
        own = {method for method in vars(getattr(_oo, name)) if not method.startswith("__")}
        assert own == {method for method in stubbed if not method.startswith("__")}


def test_every_annotation_means_something():
    known = set(dir(__builtins__)) | set(vars(__import__("builtins")))
    for node in ast.walk(TREE):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            known |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if isinstance(node, ast.ClassDef):
            known.add(node.name)
    for node in ast.walk(TREE):
        notes = [node.annotation] if isinstance(node, ast.arg) else [getattr(node, "returns", None)]
        for name in (inner.id for note in notes if note for inner in ast.walk(note) if isinstance(inner, ast.Name)):
            assert name in known, name
    assert "Incomplete" not in STUB.read_text() and "test_world" not in STUB.read_text()


def test_everything_public_is_documented():
    for name in oo.__all__:
        if name not in ("Signal", "__version__"):
            assert inspect.getdoc(getattr(oo, name)), name
    for name, verb in vars(oo.Engine).items():
        if not name.startswith("_"):
            assert inspect.getdoc(verb), name


def test_the_package_says_that_it_is_typed():
    assert STUB.with_name("py.typed").exists()
