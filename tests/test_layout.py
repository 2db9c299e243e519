"""The arrows between the rooms, read from the imports; and what may lie in each room."""

import ast
from pathlib import Path

import pytest

from components.content.places import ROOT

OURS = {
    "docs",
    "settings",
    "setting_values",
    "components",
    "kql",
    "app_src",
    "traffic",
    "lab",
    "examples",
    "tests",
    "policy",
    "pipeline",
}

MAY_IMPORT = {
    "__main__.py": {"settings", "components"},
    "settings.py": {"setting_values", "components"},
    "setting_values.py": {"components"},
    "components": {"components"},
    "traffic": {"traffic"},
    "lab": {"lab", "components", "traffic", "policy"},
    "policy": {"policy"},
    "pipeline": {"pipeline"},
    "app_src": set(),
    "examples": {"components"},
    "docs": {"components", "docs"},
    "benchmarks": {"components", "docs"},
}

MADE_BY_TOOLS = {"venv", "sdks", "node_modules"}

PURE_COMPONENTS = {
    "alert_price",
    "price_list",
    "processing_rule",
    "activity_log_alerts",
    "alert_rule_limits",
    "analytics_rule",
    "attack_coverage",
    "app_service_limits",
    "availability_test",
    "azure_regions",
    "bundle",
    "database_limits",
    "detection",
    "detection_head",
    "entra",
    "hunting_query",
    "kql_file",
    "kql_function",
    "kudu",
    "metric_alert_limits",
    "metric_alerts",
    "metric_overrides",
    "naming",
    "patience",
    "playbook_block",
    "playbook_definition",
    "playbook_message",
    "publish",
    "runbook",
    "workbook",
    "workbook_tile",
    "publish_command",
    "receiver_limits",
    "redis_limits",
    "subnet_plan",
    "suppression_window",
    "vault_reference",
    "window_values",
    "workflow_action",
}


def modules(room: str) -> list[Path]:
    place = ROOT / room
    if place.is_file():
        return [place]
    found = sorted(place.rglob("*.py"))
    return [path for path in found if MADE_BY_TOOLS.isdisjoint(path.parts)]


def imported(path: Path) -> set[str]:
    """Dotted names of the modules that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
        elif isinstance(node, ast.ImportFrom):
            package = ".".join(path.relative_to(ROOT).with_suffix("").parts[: -node.level])
            names.add(f"{package}.{node.module}" if node.module else package)
    return names


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    allowed = MAY_IMPORT[room]
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in sorted(imported(path))
        if (top := name.split(".")[0]) in OURS and top not in allowed
    ]
    assert not wrong, "an arrow points the wrong way:\n" + "\n".join(wrong)


def test_the_lab_uses_only_the_pure_modules_of_the_components() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("lab")
        for name in sorted(imported(path))
        if name.startswith("components.") and name.split(".")[1] not in PURE_COMPONENTS
    ]
    assert not wrong, "the lab deploys the program, it does not compose it:\n" + "\n".join(wrong)


def test_the_pure_modules_of_the_components_do_not_import_pulumi() -> None:
    wrong = [
        f"components/{name}.py imports {found}"
        for name in sorted(PURE_COMPONENTS)
        if (ROOT / "components" / f"{name}.py").exists()
        for found in imported(ROOT / "components" / f"{name}.py")
        if found.split(".")[0].startswith("pulumi")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_rules_of_the_policy_pack_do_not_import_pulumi() -> None:
    """They run in the lab, too, which has no pulumi_policy; the pack alone has it."""
    wrong = [
        f"policy/{path.name} imports {found}"
        for path in modules("policy")
        if path.stem not in ("__main__", "pack", "received")
        for found in imported(path)
        if found.split(".")[0].startswith("pulumi")
    ]
    assert not wrong, "\n".join(wrong)


def test_the_lab_uses_only_the_rules_of_the_policy_pack() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("lab")
        for name in sorted(imported(path))
        if name.startswith(("policy.pack", "policy.received"))
    ]
    assert not wrong, "\n".join(wrong)


def test_only_settings_reads_the_stack_configuration() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for room in ("__main__.py", "components", "lab", "traffic")
        for path in modules(room)
        if "pulumi.Config(" in path.read_text(encoding="utf-8")
    ]
    assert not wrong


def test_the_program_is_at_most_forty_lines() -> None:
    assert len((ROOT / "__main__.py").read_text(encoding="utf-8").splitlines()) <= 40


def test_the_query_folder_holds_queries_only() -> None:
    stray = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "kql").rglob("*")
        if path.is_file() and path.suffix != ".kql" and path.name != "README.md"
    ]
    assert not stray


def test_no_module_is_named_after_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
    wrong = [
        str(path.relative_to(ROOT))
        for room in MAY_IMPORT
        for path in modules(room)
        if path.stem in vague
    ]
    assert not wrong


def test_every_slug_names_its_query_its_cases_and_its_attack() -> None:
    queries = {path.stem for path in (ROOT / "kql" / "detections").glob("*.kql")}
    cases = {path.name for path in (ROOT / "tests" / "detections").iterdir() if path.is_dir()}
    attacks = {path.stem for path in (ROOT / "traffic" / "attacks").glob("[a-z]*.py")}
    assert queries == cases
    faults = {path.stem for path in (ROOT / "lab" / "faults").glob("[a-z]*.py")}
    learned = {
        path.stem
        for path in (ROOT / "kql" / "detections").glob("*.kql")
        if "threshold: dynamic" in path.read_text(encoding="utf-8")
    }
    assert not attacks & faults
    assert attacks | faults == queries - learned, "Azure learns for weeks; no rehearsal can"
