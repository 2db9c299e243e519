"""What the providers answer, asked directly: requests and answers as JSON of Pulumi's protocol."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lab.azure import Azure
from lab.azure.core.pulumi_value import SECRET, SIGNATURE, UNKNOWN
from lab.azure.core.resource_error import ResourceError
from lab.clock.clock import Clock
from lab.provider.answers import DEFAULTS, ProviderAnswers

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
GROUP = "azure-native:resources:ResourceGroup"
WORKSPACE = "azure-native:operationalinsights/v20230901:Workspace"
PASSWORD = "random:index/randomPassword:RandomPassword"
COMMAND = "command:local:Command"
WORKFLOW = "azure-native:logic:Workflow"

Json = dict[str, Any]


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:local::demo::my:index:Parent${token}::{name}"


def secret(value: Any) -> Json:
    return {SIGNATURE: SECRET, "value": value}


class Provider:
    """Asks as the engine does: each step with what the one before it answered."""

    def __init__(self, azure: Azure) -> None:
        self.azure = azure
        self.answers = ProviderAnswers(azure, threading.RLock())

    def check(self, token: str, name: str, news: Json, olds: Json | None = None) -> Json:
        return self.answers.answer(
            "Check",
            {"urn": urn(token, name), "news": news, "olds": olds or {}, "randomSeed": "c2VlZA=="},
        )

    def create(self, token: str, name: str, **inputs: Any) -> tuple[Json, Json]:
        """The checked inputs, and the answer."""
        checked = self.check(token, name, inputs)
        assert checked["failures"] == []
        made = self.answers.answer(
            "Create", {"urn": urn(token, name), "properties": checked["inputs"]}
        )
        return checked["inputs"], made

    def about(self, method: str, token: str, name: str, **request: Any) -> Json:
        return self.answers.answer(method, {"urn": urn(token, name), **request})


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with Azure(Clock(START), state_dir=tmp_path, run_apps=False) as azure:
        yield Provider(azure)


@pytest.fixture
def group(provider: Provider) -> str:
    inputs, _ = provider.create(GROUP, "group", location="westeurope")
    return str(inputs["resourceGroupName"])


def test_a_failure_names_the_property_and_hides_a_secret(provider: Provider) -> None:
    news = {"resourceGroupName": UNKNOWN, "retentionInDays": secret(5)}
    answer = provider.check(WORKSPACE, "logs", news)
    assert [each["reason"] for each in answer["failures"]] == [
        "retentionInDays [secret] is not accepted; expected 30 to 730"
    ]
    assert provider.answers.refused == [
        "operationalinsights:Workspace logs: "
        "retentionInDays [secret] is not accepted; expected 30 to 730"
    ]


@pytest.mark.parametrize(
    "news",
    [
        {"resourceGroupName": UNKNOWN, "retentionInDays": UNKNOWN},
        {"resourceGroupName": UNKNOWN, "workspaceCapping": {"dailyQuotaGb": UNKNOWN}},
        {"resourceGroupName": "not-there-yet"},
    ],
)
def test_what_is_not_known_yet_is_no_failure(provider: Provider, news: Json) -> None:
    assert provider.check(WORKSPACE, "logs", news)["failures"] == []
    wrong = {**news, "retentionInDays": 1}
    assert provider.check(WORKSPACE, "logs", wrong)["failures"]


def test_what_is_missing_is_a_failure_even_if_much_is_unknown(provider: Provider) -> None:
    answer = provider.check(WORKSPACE, "logs", {"workspaceName": UNKNOWN})
    assert [each["reason"].partition(";")[0] for each in answer["failures"]] == [
        "resourceGroupName is missing"
    ]


def test_a_name_is_made_once_and_kept(provider: Provider, group: str) -> None:
    first, _ = provider.create(WORKSPACE, "logs", resourceGroupName=group)
    assert first["workspaceName"].startswith("logs")
    assert first[DEFAULTS] == ["workspaceName"]
    again = provider.check(WORKSPACE, "logs", {"resourceGroupName": group}, first)
    assert again["inputs"]["workspaceName"] == first["workspaceName"]
    anew = provider.check(WORKSPACE, "logs", {"resourceGroupName": group})
    assert anew["inputs"]["workspaceName"] != first["workspaceName"], "a replacement needs its own"


def test_a_name_of_the_program_wins(provider: Provider, group: str) -> None:
    first, _ = provider.create(WORKSPACE, "logs", resourceGroupName=group)
    news = {"resourceGroupName": group, "workspaceName": "mine"}
    inputs = provider.check(WORKSPACE, "logs", news, first)["inputs"]
    assert inputs == news


def test_unknown_and_secret_values_go_back_as_they_came(provider: Provider) -> None:
    news = {"location": "westeurope", "tags": {"a": secret("b"), "c": UNKNOWN}}
    inputs = provider.check(GROUP, "group", news)["inputs"]
    assert {key: inputs[key] for key in news} == news


def test_a_preview_makes_nothing(provider: Provider) -> None:
    answer = provider.about(
        "Create", GROUP, "group", preview=True, properties={"location": "westeurope"}
    )
    assert answer == {"properties": {"location": "westeurope"}}
    assert provider.azure.resources.list() == []


@pytest.mark.parametrize("kind", ["SystemAssigned", "SystemAssigned, UserAssigned"])
def test_a_preview_leaves_open_what_azure_will_call_an_identity(
    provider: Provider, kind: str
) -> None:
    """Told as known, the missing object id would make a role assignment fail."""
    news = {"location": "westeurope", "identity": {"type": kind}}
    answer = provider.about("Create", WORKFLOW, "answer", preview=True, properties=news)
    assert answer == {"properties": {"location": "westeurope"}}


def test_a_preview_keeps_an_identity_that_does_not_change(provider: Provider) -> None:
    given = {"location": "westeurope", "identity": {"type": "SystemAssigned"}}
    olds = {**given, "identity": {"type": "SystemAssigned", "principalId": "p"}}
    changes: list[tuple[Json, str | None]] = [
        ({"state": "Disabled"}, "p"),
        ({"identity": {"type": "None"}}, None),
    ]
    for change, foreseen in changes:
        answer = provider.about(
            "Update", WORKFLOW, "x", preview=True, olds=olds, oldInputs=given, news=given | change
        )
        assert (answer["properties"].get("identity") or {}).get("principalId") == foreseen
    assert len(changes) == 2


def test_a_secret_stays_one_in_what_is_made(provider: Provider) -> None:
    _, made = provider.create(GROUP, "group", location="westeurope", tags={"a": secret("b")})
    assert made["properties"]["tags"] == {"a": secret("b")}
    assert provider.azure.resources.list()[0].inputs["tags"] == {"a": "b"}


@pytest.mark.parametrize(
    ("changes", "kinds", "replaces"),
    [
        ({"retentionInDays": 90}, {"retentionInDays": "UPDATE"}, []),
        ({"tags": {"a": "b"}}, {"tags": "ADD"}, []),
        ({"location": "northeurope"}, {"location": "UPDATE_REPLACE"}, ["location"]),
        ({"location": "West Europe"}, {}, []),
        ({"sku": None}, {"sku": "DELETE"}, []),
        (
            {"resourceGroupName": "other"},
            {"resourceGroupName": "UPDATE_REPLACE"},
            ["resourceGroupName"],
        ),
    ],
)
def test_a_difference_says_what_has_to_be_replaced(
    provider: Provider, group: str, changes: Json, kinds: Json, replaces: list[str]
) -> None:
    inputs, made = provider.create(
        WORKSPACE,
        "logs",
        resourceGroupName=group,
        location="westeurope",
        retentionInDays=30,
        sku={"name": "PerGB2018"},
    )
    answer = provider.about(
        "Diff",
        WORKSPACE,
        "logs",
        id=made["id"],
        olds=made["properties"],
        oldInputs=inputs,
        news=inputs | changes,
    )
    found = {path: each["kind"] for path, each in answer["detailedDiff"].items()}
    assert found == kinds
    assert answer["replaces"] == replaces
    assert answer["changes"] == ("DIFF_SOME" if kinds else "DIFF_NONE")
    assert not answer["deleteBeforeReplace"], "the name is Pulumi's own"


def test_a_name_of_the_program_is_freed_before_it_is_used_again(provider: Provider) -> None:
    old = {"resourceGroupName": "mine", "location": "westeurope"}
    news = {**old, "location": "northeurope"}
    answer = provider.about("Diff", GROUP, "group", id="x", oldInputs=old, news=news)
    assert answer["deleteBeforeReplace"]
    renamed = {**news, "resourceGroupName": "other"}
    answer = provider.about("Diff", GROUP, "group", id="x", oldInputs=old, news=renamed)
    assert not answer["deleteBeforeReplace"], "two names do not collide"


def test_what_is_gone_is_read_as_nothing_and_deleted_without_complaint(
    provider: Provider, group: str
) -> None:
    inputs, made = provider.create(WORKSPACE, "logs", resourceGroupName=group)
    read = provider.about("Read", WORKSPACE, "logs", id=made["id"], inputs=inputs)
    assert (read["inputs"], read["properties"]) == (inputs, made["properties"])
    assert provider.about("Delete", WORKSPACE, "logs", id=made["id"]) == {}
    assert provider.about("Read", WORKSPACE, "logs", id=made["id"]) == {}
    assert provider.about("Delete", WORKSPACE, "logs", id=made["id"]) == {}


def test_reading_keeps_what_was_secret(provider: Provider) -> None:
    inputs, made = provider.create(GROUP, "group", location="westeurope", tags={"a": secret("b")})
    read = provider.about(
        "Read", GROUP, "group", id=made["id"], inputs=inputs, properties=made["properties"]
    )
    assert read["inputs"] == inputs
    assert read["properties"] == made["properties"]


def test_what_nobody_heard_the_end_of_is_taken_over(provider: Provider, group: str) -> None:
    first, made = provider.create(WORKSPACE, "logs", resourceGroupName=group)
    again, same = provider.create(WORKSPACE, "logs", resourceGroupName=group)
    assert (again, same) == (first, made)
    changed, _ = provider.create(WORKSPACE, "logs", resourceGroupName=group, retentionInDays=60)
    assert changed["workspaceName"] == first["workspaceName"]
    assert [one.inputs.get("retentionInDays") for one in provider.azure.resources.list()] == [
        None,
        60,
    ]


def test_somebody_elses_resource_is_not_taken_over(provider: Provider, group: str) -> None:
    provider.create(WORKSPACE, "one", resourceGroupName=group, workspaceName="shared")
    with pytest.raises(ResourceError, match="is taken"):
        provider.create(WORKSPACE, "two", resourceGroupName=group, workspaceName="shared")


def test_of_two_passwords_the_old_one_goes(provider: Provider) -> None:
    inputs, made = provider.create(PASSWORD, "drawn", length=8)
    provider.about("Diff", PASSWORD, "drawn", id="none", oldInputs=inputs, news={"length": 9})
    _, anew = provider.create(PASSWORD, "drawn", length=9)
    assert len(provider.azure.resources.list()) == 2
    provider.about("Delete", PASSWORD, "drawn", id=made["id"])
    (left,) = provider.azure.resources.list()
    assert left.outputs["result"] == anew["properties"]["result"]
    provider.about("Delete", PASSWORD, "drawn", id=anew["id"])
    assert provider.azure.resources.list() == []


def test_a_command_with_a_secret_has_secret_output(provider: Provider) -> None:
    _, made = provider.create(COMMAND, "say", create="echo", environment={"A": secret("b")})
    assert made["properties"]["environment"] == {"A": secret("b")}
    assert made["properties"]["stdout"] == secret("")
    _, made = provider.create(COMMAND, "say in public", create="echo")
    assert made["properties"]["stdout"] == ""


def test_functions_are_answered(provider: Provider) -> None:
    answer = provider.answers.answer(
        "Invoke", {"tok": "azure-native:authorization:getClientConfig", "args": {}}
    )
    assert answer["return"]["subscriptionId"] == "00000000-0000-0000-0000-000000000000"
    answer = provider.answers.answer("Invoke", {"tok": "azure-native:web:noSuch", "args": {}})
    assert "is unknown" in answer["failures"][0]["reason"]


def test_the_providers_location_is_everybodys(provider: Provider, group: str) -> None:
    provider.answers.answer("Configure", {"args": {"location": "northeurope"}})
    _, made = provider.create(WORKSPACE, "logs", resourceGroupName=group)
    assert made["properties"]["location"] == "northeurope"
