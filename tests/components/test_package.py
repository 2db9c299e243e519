"""components/ as a Pulumi package: its manifest, what it needs, and its contract."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
import pulumi
import pytest
import yaml
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

import components
from components import package
from components.content import detection
from components.content.places import ROOT

FOLDER = ROOT / "components"


def test_the_contract_is_written_down() -> None:
    written = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    assert written == package.schema(), (
        "components/schema.json is stale; run `make docs`, and name the change in CHANGELOG.md:"
        " what is taken away or renamed is breaking"
    )


def test_no_text_is_indented_as_markdown_code_is() -> None:
    def texts(value: Any) -> list[str]:
        if isinstance(value, list):
            return [text for each in value for text in texts(each)]
        if not isinstance(value, dict):
            return []
        own = value.get("description")
        inside = [text for each in value.values() for text in texts(each)]
        return [own, *inside] if isinstance(own, str) else inside

    schema = package.schema()
    found = texts(schema)
    assert found
    assert [text for text in found if re.search(r"\n\s*\n {4}", text)] == []


def test_the_contract_is_the_same_with_every_python() -> None:
    several = {
        token: spec["description"]
        for token, spec in package.schema()["types"].items()
        if "\n" in spec["description"]
    }
    assert several == {}, "Python 3.13 and those before it indent the lines of these differently"
    assert package.schema()["types"]


def test_the_manifest_names_a_python_plugin() -> None:
    manifest = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text(encoding="utf-8"))
    assert manifest["runtime"]["name"] == "python"
    assert manifest["runtime"]["options"]["virtualenv"] == "venv", "it is kept out of Git"
    assert not (ROOT / "PulumiPlugin.yaml").exists(), "the root is a program; it cannot be both"


def test_the_plugin_needs_what_the_program_needs() -> None:
    lines = (FOLDER / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line and not line.startswith("#")]
    assert wanted == ["-r ../requirements.txt"], "one list of pins, not two that drift apart"


def test_the_version_can_be_a_tag() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package.VERSION)
    assert yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"] == package.NAME


def test_no_module_here_hides_its_annotations_from_the_host() -> None:
    wrong = [
        path.name
        for path in sorted(FOLDER.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    assert wrong == [], "Pulumi's host reads annotations at run time and dies on strings"
    assert list(FOLDER.glob("*.py"))


@pytest.mark.parametrize("started_in", [ROOT, Path("/")])
def test_the_plugin_starts_from_anywhere_and_tells_its_contract(started_in: Path) -> None:
    assert told_by(FOLDER, started_in) == package.schema()


def test_a_clone_holds_all_that_the_plugin_needs(tmp_path: Path) -> None:
    """Pulumi clones the whole repository and runs the folder in it; the queries lie beside it."""
    ours = ("components", "kql", "app_src", "requirements.txt")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *ours],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode != 0:
        pytest.skip("this is no Git working tree")
    for name in listed.stdout.splitlines():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    assert told_by(tmp_path / "components", Path("/")) == package.schema()
    made = subprocess.run(
        [sys.executable, "-c", _RULES],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert made.stdout.split() == sorted(detection.load_all()), made.stderr


_RULES = """
from components.content import detection
print(*sorted(detection.load_all()))
"""


def told_by(folder: Path, started_in: Path) -> Any:
    """The schema of the plugin in `folder`, started as the engine starts it, with this Python."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with subprocess.Popen(
        [sys.executable, str(folder), "127.0.0.1:1"],
        cwd=started_in,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as plugin:
        assert plugin.stdout is not None
        port = int(plugin.stdout.readline())
        try:
            return json.loads(asked_for_schema(port))
        finally:
            plugin.terminate()


def asked_for_schema(port: int) -> str:
    options = [("grpc.max_receive_message_length", 2**26)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        answer = stub.GetSchema(provider_pb2.GetSchemaRequest(version=0), timeout=30)
    return str(answer.schema)


def test_everything_offered_is_a_component() -> None:
    assert {each.__name__ for each in package.offered()} == set(components.__all__)
    assert all(issubclass(each, pulumi.ComponentResource) for each in package.offered())
