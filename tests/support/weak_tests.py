"""Finds tests that cannot fail, or only by luck: `python -m tests.support.weak_tests [FOLDER]`.

Three kinds: no check at all; checks only inside a loop (or a comprehension over rows) that may have
nothing to go through; a bare negative as the only check (`assert not found`, `assert x not in y`,
`assert found == []`), which also holds when nothing was done. A check is an assert, a
`pytest.raises` or `pytest.warns`, or a call of a function of the same file or of tests/support that
has one. Exit code 1 with one line a finding, 0 when there is none.
"""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef
RAISING = {"raises", "warns", "fail"}


@dataclass(frozen=True)
class Finding:
    """One test, and why it proves nothing."""

    path: Path
    line: int
    test: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.test} {self.reason}"


@dataclass
class _Checks:
    """What a function checks: positively, negatively, and whether it does so outside loops."""

    sure: int = 0
    negative: int = 0
    looped: int = 0


class _Reader(ast.NodeVisitor):
    """Counts the checks of one function; nested functions are part of it."""

    def __init__(self, helpers: dict[str, _Checks]) -> None:
        self.checks = _Checks()
        self._helpers = helpers
        self._filled: list[bool] = []

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        self._filled.append(_is_filled(node.iter))
        self.generic_visit(node)
        self._filled.pop()

    def visit_AsyncFor(self, node: ast.AsyncFor) -> None:
        self.visit_For(node)

    def visit_While(self, node: ast.While) -> None:
        self._filled.append(False)
        self.generic_visit(node)
        self._filled.pop()

    def visit_Assert(self, node: ast.Assert) -> None:
        self._count(negative=_is_negative(node.test))

    def visit_Call(self, node: ast.Call) -> None:
        name = _name(node.func)
        helper = self._helpers.get(name)
        if name in RAISING or name.startswith("assert_") or (helper and helper.sure):
            self._count(negative=False)
        elif helper and helper.negative:
            self._count(negative=True)
        self.generic_visit(node)

    def _count(self, *, negative: bool) -> None:
        if not all(self._filled):
            self.checks.looped += 1
        elif negative:
            self.checks.negative += 1
        else:
            self.checks.sure += 1


def findings(folder: Path) -> Iterator[Finding]:
    """One for each weak test below a folder."""
    shared = _shared()
    for path in sorted(folder.rglob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        helpers = {**shared, **_helpers(tree, shared)}
        for node in ast.walk(tree):
            if isinstance(node, Function) and node.name.startswith("test_"):
                reason = _reason(_checks(node, helpers))
                if reason:
                    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
                    yield Finding(shown, node.lineno, node.name, reason)


def _reason(checks: _Checks) -> str:
    if checks.sure or checks.negative > 1:
        return ""
    if checks.negative:
        return "checks only that something is not there; expected a check of what is there too"
    if checks.looped:
        return "checks only inside a loop; expected a check that there was something to go through"
    return "checks nothing; expected an assert"


def _shared() -> dict[str, _Checks]:
    found: dict[str, _Checks] = {}
    for path in (ROOT / "tests" / "support").glob("*.py"):
        found |= _helpers(ast.parse(path.read_text(encoding="utf-8")), found)
    return found


def _helpers(tree: ast.Module, known: dict[str, _Checks]) -> dict[str, _Checks]:
    """Functions and methods of a file that check something, by name; those that call others too."""
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, Function) and not node.name.startswith("test_")
    ]
    found: dict[str, _Checks] = {}
    for _ in range(3):
        found = {node.name: _checks(node, {**known, **found}) for node in functions}
    return {name: checks for name, checks in found.items() if checks.sure or checks.negative}


def _checks(node: Function, helpers: dict[str, _Checks]) -> _Checks:
    reader = _Reader(helpers)
    for statement in node.body:
        reader.visit(statement)
    return reader.checks


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_filled(node: ast.expr) -> bool:
    """Whether a loop has something to go through, as far as its text says."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return bool(node.elts)
    if isinstance(node, ast.Dict):
        return bool(node.keys)
    if isinstance(node, ast.Constant):
        return bool(node.value)
    if isinstance(node, ast.Name):
        return node.id.isupper()
    if isinstance(node, ast.Call):
        name = _name(node.func)
        if name == "range":
            return all(isinstance(part, ast.Constant) for part in node.args)
        if name in ("enumerate", "sorted", "reversed", "zip", "items", "product"):
            inner = node.func.value if isinstance(node.func, ast.Attribute) else None
            parts = [inner] if name == "items" and inner is not None else node.args
            return bool(parts) and all(_is_filled(part) for part in parts)
    return False


def _is_negative(test: ast.expr) -> bool:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return True
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        operator, right = test.ops[0], test.comparators[0]
        if isinstance(operator, ast.NotIn):
            return True
        if isinstance(operator, ast.Eq):
            empty = isinstance(right, ast.List | ast.Tuple | ast.Dict | ast.Set)
            return empty and not _is_filled(right)
    return isinstance(test, ast.BoolOp) and all(_is_negative(part) for part in test.values)


def main(arguments: list[str]) -> int:
    """Exit code."""
    found = list(findings(Path(arguments[0]).resolve() if arguments else ROOT / "tests"))
    for each in found:
        print(each)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
