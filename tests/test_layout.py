"""What may lie in each room; which room may use which, import-linter says (pyproject.toml)."""

import ast
from pathlib import Path

from components.content.places import ROOT

ROOMS = ("components", "settings", "traffic", "lab", "policy", "pipeline", "app_src", "docs")
MADE_BY_TOOLS = {"venv", "sdks", "node_modules"}


def modules(room: str) -> list[Path]:
    place = ROOT / room
    if place.is_file():
        return [place]
    found = sorted(place.rglob("*.py"))
    return [path for path in found if MADE_BY_TOOLS.isdisjoint(path.parts)]


def imported(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports; none of them is relative."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(ROOT)} imports by its own place"
            names.add(str(node.module))
    return names


def test_the_app_is_shipped_alone() -> None:
    ours = {*ROOMS, "examples", "tests", "benchmarks"} - {"app_src"}
    found = modules("app_src")
    assert found
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in found
        for name in sorted(imported(path))
        if name.split(".")[0] in ours
    ]
    assert not wrong, "\n".join(wrong)


def test_what_makes_the_documents_needs_of_the_lab_its_prices_and_its_list_of_types() -> None:
    found = modules("docs")
    assert found
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in found
        for name in sorted(imported(path))
        if name.split(".")[0] in ("lab", "tests", "traffic")
        and name not in ("lab.cost", "lab.azure")
    ]
    assert not wrong, "\n".join(wrong)


def test_every_room_has_a_sentence_that_says_what_is_in_it() -> None:
    rooms = {
        path.parent for room in ROOMS if room not in ("app_src", "docs") for path in modules(room)
    }
    silent = [
        str(room.relative_to(ROOT))
        for room in sorted(rooms)
        if room.name != "shim"
        and not ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8")))
    ]
    assert len(rooms) > 20
    assert not silent


def test_only_settings_reads_the_stack_configuration() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for room in ("__main__.py", "components", "lab", "traffic")
        for path in modules(room)
        # The provider's own settings are not the stack's.
        if "pulumi.Config("
        in path.read_text(encoding="utf-8").replace('Config("azure-native")', "")
    ]
    assert not wrong
    assert any("pulumi.Config(" in path.read_text(encoding="utf-8") for path in modules("settings"))


def test_the_program_is_at_most_forty_lines() -> None:
    assert len((ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_the_query_folder_holds_queries_only() -> None:
    stray = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "kql").rglob("*")
        if path.is_file()
        and path.suffix != (".yaml" if path.parent.name == "patterns" else ".kql")
        and path.name != "README.md"
    ]
    assert not stray
    assert list((ROOT / "kql").rglob("*.kql"))


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
    wrong = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in modules(room)
        if path.stem in vague
    ]
    assert not wrong
    assert all(modules(room) for room in ROOMS)


def test_every_slug_names_its_query_its_cases_and_its_attack() -> None:
    queries = {path.stem for path in (ROOT / "kql" / "detections").glob("*.kql")}
    cases = {path.name for path in (ROOT / "tests" / "detections").iterdir() if path.is_dir()}
    attacks = {path.stem for path in (ROOT / "traffic" / "attacks").glob("[a-z]*.py")}
    assert queries == cases
    faults = {path.stem for path in (ROOT / "lab" / "play" / "faults").glob("[a-z]*.py")}
    learned = {
        path.stem
        for path in (ROOT / "kql" / "detections").glob("*.kql")
        if "threshold: dynamic" in path.read_text(encoding="utf-8")
    }
    assert not attacks & faults
    assert attacks | faults == queries - learned, "Azure learns for weeks; no rehearsal can"
