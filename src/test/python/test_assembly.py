"""Tests the file that a VM gets, and the modules that it is put together from."""

from __future__ import annotations

import ast
import builtins
import py_compile
import re
import symtable
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path

from guest_modules import FOLDER
from machine import PROGRAM

MAX_LINES = 200
SOURCES = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.py") if path.stem != "__init__"}
TREES = {name: ast.parse(source, feature_version=(3, 9)) for name, source in SOURCES.items()}


def statements(tree: ast.Module) -> list[ast.stmt]:
    """All but imports and docstrings."""
    kinds = (ast.Import, ast.ImportFrom)
    return [node for node in tree.body if not isinstance(node, kinds) and not is_text(node)]


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def defined(tree: ast.Module) -> list[str]:
    names: list[str] = []
    for node in statements(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        elif not isinstance(node, ast.If):
            names += stored(node)
    return names


def stored(node: ast.AST) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def imported(tree: ast.Module) -> set[str]:
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return {alias.asname or alias.name.split(".")[0] for node in imports for alias in node.names} - {"annotations"}


def relative_imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.level:
            for alias in node.names:
                assert node.level == 1 and node.module and not alias.asname, "from .module import name, no other form"
                yield node.module, alias.name


def used(tree: ast.Module) -> set[str]:
    """Names in code and in annotations, but not those after a dot."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def global_names(table: symtable.SymbolTable) -> set[str]:
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return names.union(*(global_names(child) for child in table.get_children()))


class ModulesTest(unittest.TestCase):
    def test_no_name_is_defined_in_two_of_them(self) -> None:
        seen: dict[str, str] = {}
        for module, tree in TREES.items():
            for name in defined(tree):
                self.assertNotIn(name, seen, f"{name} is defined in {module} and in {seen.get(name)}")
                self.assertFalse(any(name in imported(t) and (module, name) not in set(relative_imports(t))
                                     for t in TREES.values()), f"{name} of {module} hides an import")  # fmt: skip
                seen[name] = module

    def test_each_name_that_one_uses_is_defined_or_imported_in_it_and_each_import_is_used(self) -> None:
        for module, tree in TREES.items():
            with self.subTest(module):
                here = {*defined(tree), *imported(tree)}
                known = here | set(dir(builtins)) | {"__file__", "__name__"}
                table = symtable.symtable(SOURCES[module], module, "exec")
                self.assertEqual(set(), (global_names(table) | used_at_top(tree)) - known)
                self.assertEqual(set(), imported(tree) - used(tree))

    def test_they_import_only_from_those_before_them_and_only_what_is_there(self) -> None:
        before: list[str] = []
        for module in sections():
            for source, name in relative_imports(TREES[module]):
                self.assertIn(source, before, f"of {module}")
                self.assertIn(name, defined(TREES[source]), f"of {module}")
            before.append(module)

    def test_each_is_short_and_says_what_it_does(self) -> None:
        for module, source in SOURCES.items():
            self.assertLessEqual(len(source.splitlines()), MAX_LINES, module)
            self.assertTrue((ast.get_docstring(TREES[module]) or "").endswith("."), module)

    def test_each_has_a_test_of_its_own(self) -> None:
        for module in SOURCES:
            self.assertTrue((Path(__file__).parent / f"test_{module}.py").exists(), module)

    def test_each_function_says_what_it_takes_and_gives(self) -> None:
        for function in (node for tree in TREES.values() for node in ast.walk(tree)):
            if isinstance(function, ast.FunctionDef):
                arguments = [*function.args.args, *function.args.kwonlyargs, function.args.vararg, function.args.kwarg]
                bare = [a.arg for a in arguments if a and not a.annotation and a.arg != "self"]
                self.assertEqual([], bare, function.name)
                self.assertIsNotNone(function.returns, function.name)


def used_at_top(tree: ast.Module) -> set[str]:
    nodes = [node for node in statements(tree) if not isinstance(node, (ast.FunctionDef, ast.ClassDef))]
    names = {part.id for node in nodes for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names - {name for node in nodes for name in stored(node)}


def sections() -> list[str]:
    return re.findall(r"^# ---- (\w+)\.py ----$", PROGRAM.read_text("utf-8"), re.MULTILINE)


class AssembledFileTest(unittest.TestCase):
    def test_it_holds_every_statement_of_every_module_and_nothing_else(self) -> None:
        self.assertEqual(sorted(SOURCES), sorted(sections()))
        expected = [ast.dump(node) for module in sections() for node in statements(TREES[module])]
        tree = ast.parse(PROGRAM.read_text("utf-8"), feature_version=(3, 9))
        self.assertEqual(expected, [ast.dump(node) for node in statements(tree)], "run ./dev test GuestProgramTest")

    def test_it_imports_what_its_modules_import_and_nothing_from_itself(self) -> None:
        tree = ast.parse(PROGRAM.read_text("utf-8"))
        self.assertEqual([], list(relative_imports(tree)))
        own = {name for t in TREES.values() for _, name in relative_imports(t)}
        self.assertEqual({name for t in TREES.values() for name in imported(t)} - own, imported(tree))

    def test_it_compiles_and_is_readable_there(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            py_compile.compile(str(PROGRAM), cfile=f"{folder}/guest.pyc", doraise=True)
        lines = PROGRAM.read_text("utf-8").splitlines()
        self.assertEqual("#!/usr/bin/python3", lines[0])
        self.assertLessEqual(max(map(len, lines)), 120)
        self.assertIn("# Reads and writes files so that a power cut leaves each of them whole, old or new.", lines)


if __name__ == "__main__":
    unittest.main()
