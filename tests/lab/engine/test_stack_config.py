"""A stack's configuration: which value wins, and what the CLI would refuse."""

import re
from pathlib import Path

import pytest

from components.limits.refusal import RefusedError
from lab.engine.stack_config import Project, StackConfig, read_stack_config

DECLARED = """\
name: demo
runtime: python
config:
  days: {type: integer, default: 30}
  mails: {type: array, items: {type: string}, default: [soc@example.com]}
  loud: {type: boolean, default: false}
  options: {type: object, default: {}}
  word: {type: string, default: ""}
  azure-native:location: {value: westeurope}
"""


def read(
    folder: Path, declared: str = DECLARED, stack: str = "config: {}", **overrides: str
) -> StackConfig:
    (folder / "Pulumi.yaml").write_text(declared)
    (folder / "Pulumi.dev.yaml").write_text(stack)
    (folder / "__main__.py").write_text("")
    return read_stack_config(Project.read(folder), "dev", overrides)


def refusal(folder: Path, declared: str, stack: str = "config: {}", **overrides: str) -> list[str]:
    with pytest.raises(RefusedError) as caught:
        read(folder, declared, stack, **overrides)
    return str(caught.value).splitlines()


def test_defaults_arrive_as_text_under_their_full_keys(tmp_path: Path) -> None:
    assert read(tmp_path).values == {
        "azure-native:location": "westeurope",
        "demo:days": "30",
        "demo:loud": "false",
        "demo:mails": '["soc@example.com"]',
        "demo:options": "{}",
        "demo:word": "",
    }


def test_the_stack_wins_over_the_default_and_an_override_over_both(tmp_path: Path) -> None:
    stack = "config: {demo:days: 60, demo:word: stack, azure-native:location: northeurope}"
    values = read(tmp_path, stack=stack, word="override").values
    assert values["demo:days"] == "60"
    assert values["demo:word"] == "override"
    assert values["azure-native:location"] == "northeurope"


def test_an_override_gives_a_list_as_json(tmp_path: Path) -> None:
    values = read(tmp_path, mails='["a@example.com", "b@example.com"]').values
    assert values["demo:mails"] == '["a@example.com","b@example.com"]'


def test_a_stack_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    read(tmp_path)
    assert read_stack_config(Project.read(tmp_path), "other", {}).values["demo:days"] == "30"


def test_a_key_that_is_not_declared_passes(tmp_path: Path) -> None:
    assert read(tmp_path, stack="config: {demo:extra: 5}").values["demo:extra"] == "5"


def test_a_missing_value_is_named_with_its_stack_and_the_command_that_sets_it(
    tmp_path: Path,
) -> None:
    declared = "name: demo\nconfig: {mail: {type: string}, key: {type: string, secret: true}}"
    assert refusal(tmp_path, declared) == [
        "mail is missing; expected a value: pulumi config set mail <value> --stack dev",
        "key is missing; expected a value: pulumi config set --secret key <value> --stack dev",
    ]


def test_an_encrypted_value_is_left_out_and_named(tmp_path: Path) -> None:
    stack = "config: {demo:word: {secure: v1:abc}, demo:options: {a: {secure: v1:def}}}"
    config = read(tmp_path, stack=stack)
    assert config.skipped_secrets == ["word", "options"]
    assert config.values["demo:word"] == ""
    assert config.secrets == {"demo:word", "demo:options"}


def test_an_encrypted_value_that_is_needed_asks_for_another_one(tmp_path: Path) -> None:
    declared = "name: demo\nconfig: {key: {type: string, secret: true}}"
    stack = "config: {demo:key: {secure: v1:abc}}"
    assert refusal(tmp_path, declared, stack) == [
        "key is encrypted in the stack's file, for a key that is not here; "
        f"expected another value for this run ({tmp_path}/Pulumi.dev.yaml:1)"
    ]
    config = read(tmp_path, declared, stack, key="mine")
    assert config.values == {"demo:key": "mine"}
    assert config.secrets == {"demo:key"}
    assert config.skipped_secrets == []


def test_a_secret_in_plain_sight_is_refused(tmp_path: Path) -> None:
    declared = "name: demo\nconfig: {key: {type: string, secret: true}}"
    assert refusal(tmp_path, declared, "config: {demo:key: hunter2}") == [
        "key stands in plain sight; expected a secret: pulumi config set --secret key --stack dev"
        f" ({tmp_path}/Pulumi.dev.yaml:1)"
    ]


@pytest.mark.parametrize(
    ("stack", "words"),
    [
        ("demo:days: many", "days is of type string; expected integer"),
        ("demo:days: 1.5", "days is of type number; expected integer"),
        ("demo:days: true", "days is of type boolean; expected integer"),
        ("demo:loud: maybe", "loud is of type string; expected boolean"),
        ("demo:mails: soc@example.com", "mails is of type string; expected array<string>"),
        ("demo:mails: [3]", "mails is of type array<integer>; expected array<string>"),
        ("demo:options: [1]", "options is of type array<integer>; expected object"),
        ("demo:word: [a]", "word is of type array<string>; expected string"),
    ],
)
def test_a_value_of_the_wrong_type_is_named_with_its_line(
    tmp_path: Path, stack: str, words: str
) -> None:
    (problem,) = refusal(tmp_path, DECLARED, f"config:\n  {stack}")
    assert problem == f"{words} ({tmp_path}/Pulumi.dev.yaml:2)"


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("array", "pulumi config set --path 'mail[0]' <value> --stack dev"),
        ("object", "pulumi config set --path 'mail.<name>' <value> --stack dev"),
        ("integer", "pulumi config set mail <value> --stack dev"),
    ],
)
def test_a_list_or_an_object_is_set_by_a_path(tmp_path: Path, kind: str, command: str) -> None:
    (problem,) = refusal(tmp_path, f"name: demo\nconfig: {{mail: {{type: {kind}}}}}")
    assert problem == f"mail is missing; expected a value: {command}"


def test_an_override_that_is_no_json_is_refused_for_a_list(tmp_path: Path) -> None:
    (problem,) = refusal(tmp_path, DECLARED, mails="soc@example.com")
    assert problem.endswith("is of type string; expected array<string>")


@pytest.mark.parametrize("declared", ["{type: object, secret: true}", "{type: object}"])
def test_a_value_of_the_wrong_type_is_not_shown(tmp_path: Path, declared: str) -> None:
    """What has a default cannot be declared a secret, and may be one."""
    project = f"name: demo\nconfig: {{users: {declared}}}"
    (problem,) = refusal(tmp_path, project, users="hunter2")
    assert problem.endswith("is of type string; expected object")


@pytest.mark.parametrize(
    "stack",
    [
        "config:\n  demo:options:\n    alice: *hunter2",
        "config:\n  demo:options:\n    alice: !hunter2",
        "config:\n  demo:options: {alice: hunter2",
        'config:\n  demo:options:\n    alice: "hunter2',
        "config:\n  demo:word: hunter2: hunter2",
        "config:\n  demo:word: `hunter2",
        "config:\n  demo:word: >hunter2",
    ],
)
def test_a_stack_file_that_is_no_yaml_is_told_without_a_word_of_it(
    tmp_path: Path, stack: str
) -> None:
    (problem,) = refusal(tmp_path, DECLARED, stack)
    assert problem.startswith("the file is not YAML: ")
    assert re.search(r"; expected keys and values \(.*Pulumi\.dev\.yaml:\d\)$", problem), problem
    assert "hunter2" not in problem


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    declared = "name: demo\nconfig: {a: {type: string}, b: {type: integer}}"
    assert len(refusal(tmp_path, declared, "config: {demo:b: x}")) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("runtime: python", "name is missing"),
        ("name: [", "the file is not YAML: did not find"),
        ("- a", "is not a mapping; expected keys and values"),
        ("name: demo\nconfig: 5", "config is not a mapping; expected keys and values"),
        ("name: demo\nmain: elsewhere", "has no __main__.py; expected the program"),
    ],
)
def test_an_unusable_project_is_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "__main__.py").write_text("")
    (tmp_path / "Pulumi.yaml").write_text(content)
    with pytest.raises(RefusedError, match=words):
        Project.read(tmp_path)


def test_a_folder_without_a_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="does not exist; expected a Pulumi project"):
        Project.read(tmp_path)
