"""The drift check: quiet on what is known to mean nothing, and on nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from components.limits.refusal import RefusedError
from pipeline import drift, known_diff, plan
from pipeline.known_diff import KnownDiff

KNOWN = known_diff.load()
WEB_APP = "azure-native:web:WebApp"


def step(op: str, kind: str, name: str = "it", paths: tuple[str, ...] = ()) -> dict[str, Any]:
    """As `pulumi preview --json` writes one."""
    return {
        "op": op,
        "urn": f"urn:pulumi:dev::login-monitor::login-monitor:index:LoginApp${kind}::{name}",
        "detailedDiff": {path: {"kind": "update", "inputDiff": True} for path in paths},
    }


def planned(folder: Path, *steps: dict[str, Any], **more: Any) -> plan.Plan:
    file = folder / "plan.json"
    file.write_text(json.dumps({"steps": list(steps), **more}), encoding="utf-8")
    return plan.read(file)


def an_instance(path: str) -> str:
    return path.replace("[*]", "[3]").replace(".*", ".name")


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: f"{entry.type} {entry.path}")
def test_a_known_difference_is_no_drift_and_says_why(entry: KnownDiff, tmp_path: Path) -> None:
    found = drift.found_in(
        planned(tmp_path, step("update", entry.type, paths=(an_instance(entry.path),))), KNOWN
    )
    assert not found.is_there
    assert len(found.quiet) == 1
    text = drift.report(found, "dev")
    assert "as the program says" in text
    assert entry.source in text


@pytest.mark.parametrize("entry", KNOWN, ids=lambda entry: f"{entry.type} {entry.path}")
def test_the_same_property_counts_elsewhere_and_when_a_resource_goes(
    entry: KnownDiff, tmp_path: Path
) -> None:
    path = an_instance(entry.path)
    for each in (
        step("update", "azure-native:storage:StorageAccount", paths=(path,)),
        step("replace", entry.type, paths=(path,)),
        step("delete", entry.type),
        step("update", entry.type, paths=(f"{path}[0][0]",)),
    ):
        assert drift.found_in(planned(tmp_path, each), KNOWN).is_there


def test_every_known_difference_has_a_reason_and_a_source_and_stands_once() -> None:
    assert KNOWN
    assert len({(entry.type, entry.path) for entry in KNOWN}) == len(KNOWN)
    for entry in KNOWN:
        assert entry.reason.endswith("."), entry
        assert entry.source.startswith("https://github.com/"), entry
        assert entry.type.startswith("azure-native:"), entry


def test_of_an_update_only_the_unknown_part_is_left(tmp_path: Path) -> None:
    paths = ("siteConfig.appSettings", "httpsOnly")
    found = drift.found_in(planned(tmp_path, step("update", WEB_APP, "site", paths)), KNOWN)
    (left,) = found.steps
    assert left.paths == ("httpsOnly",)
    text = drift.report(found, "prod")
    assert "**update** `site` (`azure-native:web:WebApp`): `httpsOnly`" in text
    assert "left out" in text


def test_what_stays_the_same_is_nothing(tmp_path: Path) -> None:
    same = [step(op, WEB_APP) for op in ("same", "read", "refresh")]
    assert planned(tmp_path, *same).steps == []
    assert planned(tmp_path, *same, step("update", WEB_APP)).steps


def test_an_update_whose_difference_is_not_told_counts(tmp_path: Path) -> None:
    assert drift.found_in(planned(tmp_path, step("update", WEB_APP)), KNOWN).is_there


def test_a_preview_that_failed_is_no_peace(tmp_path: Path) -> None:
    errors = [{"severity": "error", "message": "no `credentials`\nat all"}]
    found = drift.found_in(planned(tmp_path, diagnostics=errors), KNOWN)
    assert found.is_there
    assert "the preview failed: `no 'credentials' at all`" in drift.report(found, "dev")


@pytest.mark.parametrize(
    "text",
    ["", "error: no stack", "{", '{"steps": [{"op": "update"}]}', "[]", "{}", '{"config": {}}'],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match="expected pulumi preview --json"):
        plan.read(file)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "- {type: a, path: b, reason: c}",
            r"\[0\]\.source is missing,",
        ),
        (
            "- {type: a, path: b, reason: '', source: d}",
            r"\[0\]\.reason is .*empty",
        ),
        ("- nothing", r"\[0\]\.path is missing,"),
        (
            "- {type: a, path: b, reason: c, source: d, op: e}",
            r"\[0\]\.op is .*unknown",
        ),
        ("[", r"the file is not YAML: "),
    ],
)
def test_an_entry_that_is_none_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RefusedError, match=rf"{words}.*; expected .* \(\S+known\.yaml:1\)$"):
        known_diff.load(file)
