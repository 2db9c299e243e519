"""The examples, without the CLI: what they give to the components is what the components take."""

import json
import re
import runpy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.runtime import set_all_config

from components import package
from components.content.places import ROOT
from tests.conftest import Engine

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/Pulumi.yaml"))
RULE = "azure-native:monitor:ScheduledQueryRule"
GROUP = "azure-native:monitor:ActionGroup"
EXISTING = {
    "appId": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Web/sites/app",
    "workspaceId": "/subscriptions/0/resourceGroups/rg/providers/"
    "Microsoft.OperationalInsights/workspaces/logs",
    "resourceGroupName": "rg",
}


def example(name: str) -> Path:
    return ROOT / "examples" / name


def manifest(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((example(name) / "Pulumi.yaml").read_text("utf-8"))
    return found


def settings(name: str) -> dict[str, Any]:
    """Of the stack that is rehearsed: defaults, its file, and what an owner has already."""
    declared = manifest(name)["config"]
    values = {key: each["default"] for key, each in declared.items() if "default" in each}
    file = yaml.safe_load((example(name) / "Pulumi.local.yaml").read_text("utf-8"))["config"]
    values |= {key.partition(":")[2]: each for key, each in file.items()}
    values |= {key: value for key, value in EXISTING.items() if key in declared}
    assert values.keys() == declared.keys(), "every setting has a default, or a value for `local`"
    return values


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return package.schema()


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda path: path.name)
def test_an_example_explains_itself(folder: Path) -> None:
    page = (folder / "README.md").read_text(encoding="utf-8")
    assert f"--cwd examples/{folder.name}" in page, "it can be tried without Azure"
    assert "pulumi up" in page
    assert f"({folder.name}/README.md)" in (folder.parent / "README.md").read_text("utf-8")
    for key, declared in manifest(folder.name)["config"].items():
        if manifest(folder.name)["runtime"] == "yaml":  # there the CLI warns of a description
            assert f"`{key}`" in page
        else:
            assert declared["description"].endswith("."), key


def test_every_link_of_an_example_leads_to_a_file() -> None:
    pages = [ROOT / "examples" / "README.md", *(folder / "README.md" for folder in EXAMPLES)]
    missing = [
        f"{page.parent.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert missing == []
    assert len(pages) > 2


def test_the_python_stack_watches_an_app_that_exists(engine: Engine) -> None:
    given = settings("python_stack")
    project = manifest("python_stack")["name"]
    texts = {
        f"{project}:{key}": value if isinstance(value, str) else json.dumps(value)
        for key, value in given.items()
    }

    def program() -> None:
        set_all_config(
            {key.replace(project, "login-monitor"): value for key, value in texts.items()}, []
        )
        runpy.run_path(str(example("python_stack") / "__main__.py"), run_name="__main__")

    try:
        engine.deploy(program)
    finally:
        set_all_config({}, [])
    made = {each.type.rpartition(":")[2] for each in engine.registered}
    assert made == {
        "ActionGroup",
        "AlertRouting",
        "AppLogs",
        "DetectionSet",
        "DiagnosticSetting",
        "ScheduledQueryRule",
    }
    setting = engine.one("azure-native:monitor:DiagnosticSetting")
    assert setting["resourceUri"] == EXISTING["appId"]
    assert setting["workspaceId"] == EXISTING["workspaceId"]
    assert {each["category"] for each in setting["logs"]} >= {
        "AppServiceConsoleLogs",
        "AppServiceHTTPLogs",
    }
    rules = engine.all(RULE)
    assert len(rules) >= 5
    assert all(rule["scopes"] == [EXISTING["workspaceId"]] for rule in rules)


def test_the_yaml_stack_is_a_whole_monitored_login(engine: Engine, schema: dict[str, Any]) -> None:
    content, given = manifest("yaml_stack"), settings("yaml_stack")
    assert (example("yaml_stack") / content["packages"][package.NAME]).resolve() == (
        ROOT / "components"
    )
    ((name, resource),) = content["resources"].items()
    token = resource["type"].replace(":", ":index:")
    known = schema["resources"][token]
    inputs = {key: as_float(filled(value, given)) for key, value in resource["properties"].items()}
    assert inputs.keys() <= known["inputProperties"].keys()
    for value in content["outputs"].values():
        assert re.fullmatch(rf"\$\{{{name}\.(\w+)\}}", value), value
        assert value[len(name) + 3 : -1] in known["properties"], value
    provider = ComponentProvider(package.offered(), package.NAME)
    engine.deploy(lambda: provider.construct(name, token, inputs, None) and None)
    assert engine.one("azure-native:operationalinsights:Workspace")["retentionInDays"] == 60
    spray = next(each for each in engine.all(RULE) if each.name.endswith("password_spray"))
    assert (spray["severity"], spray["criteria"]["allOf"][0]["threshold"]) == (1, 15)
    assert all(
        each["emailReceivers"][0]["emailAddress"] == given["alertEmail"]
        for each in engine.all(GROUP)
    )


def filled(value: Any, given: Mapping[str, Any]) -> Any:
    """What Pulumi's YAML makes of `${setting}`."""
    if isinstance(value, dict):
        return {key: filled(each, given) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, given) for each in value]
    if isinstance(value, str) and value.startswith("${"):
        return given[value[2:-1]]
    return value


def as_float(value: Any) -> Any:
    """The host gets every number as a float."""
    if isinstance(value, dict):
        return {key: as_float(each) for key, each in value.items()}
    return float(value) if type(value) is int else value


def test_the_typescript_stack_gives_what_the_components_take(schema: dict[str, Any]) -> None:
    text = (example("typescript_stack") / "index.ts").read_text(encoding="utf-8")
    found = dict(constructed(text))
    assert found.keys() == {"AlertRouting", "DetectionSet"}
    for name, keys in found.items():
        known = schema["resources"][f"{package.NAME}:index:{name}"]
        assert keys <= known["inputProperties"].keys(), name
        assert keys >= set(known["requiredInputs"]), name
    for variable, key in re.findall(r"\b(routing|rules)\.(\w+)", text):
        component = "AlertRouting" if variable == "routing" else "DetectionSet"
        assert key in schema["resources"][f"{package.NAME}:index:{component}"]["properties"]
    asked = set(re.findall(r'config\.\w+(?:<[^>]*>)?\("(\w+)"', text))
    assert asked == manifest("typescript_stack")["config"].keys()
    needs = json.loads((example("typescript_stack") / "package.json").read_text("utf-8"))
    assert needs["dependencies"]["@pulumi/login-monitor"] == "file:sdks/login-monitor"


def constructed(text: str) -> Iterator[tuple[str, set[str]]]:
    """Each component of a TypeScript program, with the names of its inputs."""
    for name, inputs in re.findall(r"= new (\w+)\(\"\w+\", \{\n(.*?)\n\}\);", text, re.DOTALL):
        yield name, set(re.findall(r"^ {4}(\w+)[:,]", inputs, re.MULTILINE))
