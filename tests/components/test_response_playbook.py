"""ResponsePlaybook: what Azure gets for it, seen from outside."""

from typing import Any, cast

import pulumi
import pytest

from components import ResponsePlaybook
from components.response_playbook import ResponsePlaybookArgs
from tests.conftest import Engine

WORKFLOW = "azure-native:logic:Workflow"
ROLE = "azure-native:authorization:RoleAssignment"
URL = "https://hooks.example.com/key"
APP = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/app"


def playbook(**changes: Any) -> ResponsePlaybook:
    sound = {"resource_group_name": "rg", "location": "westeurope", "notify_url": URL}
    return ResponsePlaybook("answer", cast(ResponsePlaybookArgs, sound | changes))


def blocking(**changes: Any) -> ResponsePlaybook:
    return playbook(mode="block", web_app_id=APP, **changes)


def test_by_default_it_only_tells_and_may_change_nothing(engine: Engine) -> None:
    workflow = engine.deploy(lambda: playbook(web_app_id=APP)).one(WORKFLOW)
    assert (workflow.name, workflow.parent) == ("answer-workflow", "answer")
    assert workflow["state"] == "Enabled"
    assert workflow["identity"] == {"type": "SystemAssigned"}
    assert not engine.all(ROLE)
    assert "https://management.azure.com" not in str(workflow["definition"])


def test_the_channels_url_is_a_secret_parameter_and_nowhere_in_the_definition(
    engine: Engine,
) -> None:
    workflow = engine.deploy(playbook).one(WORKFLOW)
    assert workflow["parameters"] == {"notifyUrl": {"value": URL}}
    assert "parameters.notifyUrl.value" in workflow.secrets
    assert workflow["definition"]["parameters"]["notifyUrl"] == {"type": "securestring"}
    assert URL not in str(workflow["definition"])


def test_the_url_that_starts_it_is_a_secret_output(engine: Engine) -> None:
    found: list[str] = []
    secret: list[bool] = []

    def program() -> None:
        one = playbook()
        asked: Any = one.trigger_url.is_secret()
        pulumi.Output.from_input(asked).apply(secret.append)
        pulumi.Output.all(one.trigger_url, one.workflow_id, one.principal_id).apply(found.extend)

    engine.deploy(program)
    url, workflow_id, principal_id = found
    assert url == "https://logic.example.com/answer-workflow?sig=key"
    assert workflow_id.endswith("/Workflow/answer-workflow")
    assert principal_id == "of-answer-workflow"
    assert secret == [True]


def test_to_block_both_logic_apps_may_change_this_web_app_and_nothing_else(
    engine: Engine,
) -> None:
    roles = engine.deploy(blocking).all(ROLE)
    assert {each.name: each["principalId"] for each in roles} == {
        "answer-role": "of-answer-workflow",
        "answer-expiry-role": "of-answer-expiry-workflow",
    }
    for each in roles:
        assert each["scope"] == APP
        assert each["principalType"] == "ServicePrincipal"
        assert each["roleDefinitionId"] == (
            "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/"
            "de139f84-1756-47ae-9be6-808fbbe84772"
        )
    for workflow in engine.all(WORKFLOW):
        assert workflow["parameters"]["webAppId"] == {"value": APP}


def test_a_role_of_ones_own_takes_the_place_of_the_built_in_one(engine: Engine) -> None:
    engine.deploy(lambda: blocking(role_definition_id=pulumi.Output.from_input("/own")))
    assert {each["roleDefinitionId"] for each in engine.all(ROLE)} == {"/own"}


def test_tags_reach_every_logic_app(engine: Engine) -> None:
    engine.deploy(lambda: blocking(tags={"team": "soc"}))
    assert [each["tags"] for each in engine.all(WORKFLOW)] == [{"team": "soc"}] * 2


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"mode": "Block"}, "mode", "'Block' is not offered; expected one of simulate, block"),
        ({"mode": "block"}, "web_app_id", "is missing"),
        ({"message_format": "mail"}, "message_format", "teams, slack"),
        ({"block_minutes": 4}, "block_minutes", "5 to 1440"),
        ({"block_severities": [5]}, "block_severities", "0 to 4"),
        ({"never_block": ["10.0.0.0/8", "office"]}, "never_block[1]", "'office' is no network"),
        ({"never_block": ["198.51.100.7/24"]}, "never_block[0]", "host bits"),
        ({"notify_url": "http://hooks.example.com/"}, "notify_url", "expected https"),
        ({"notify_url": "http://127.0.0.1.example.com/"}, "notify_url", "expected https"),
    ],
)
def test_a_playbook_that_cannot_work_is_refused_before_anything_is_made(
    engine: Engine, changes: dict[str, Any], path: str, words: str
) -> None:
    refusals: list[pulumi.InputPropertyError] = []

    def program() -> None:
        try:
            playbook(**changes)
        except pulumi.InputPropertyError as error:
            refusals.append(error)

    assert not engine.deploy(program).all(WORKFLOW)
    assert refusals[0].property_path == path
    assert words in refusals[0].reason
    assert "hooks.example.com" not in refusals[0].reason
