"""Programs deployed in process: what arrives, and in which words they fail."""

import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.azure import Azure
from lab.azure.core.resource import Resource, ResourceType
from lab.clock.clock import Clock
from lab.engine.in_process import Deployment, deploy

START = datetime(2026, 1, 5, 7, 30, tzinfo=UTC)
HEAD = """\
import pulumi
import pulumi_random
from pulumi_azure_native import authorization, monitor, network, operationalinsights, resources

group = resources.ResourceGroup("group", location="westeurope")
"""

Deploy = Callable[..., Deployment]


@pytest.fixture
def azure(tmp_path: Path) -> Iterator[Azure]:
    with Azure(Clock(START), state_dir=tmp_path / "azure", run_apps=False) as made:
        yield made


@pytest.fixture
def deployed(tmp_path: Path, azure: Azure) -> Deploy:
    """Deploys a program given as text; `files` are written beside it."""

    def run(
        body: str, *, head: str = HEAD, project: str = "", files: Any = (), **config: str
    ) -> Any:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "Pulumi.yaml").write_text(f"name: demo\nruntime: python\n{dedent(project)}")
        (folder / "__main__.py").write_text(head + dedent(body))
        for name, content in dict(files).items():
            (folder / name).write_text(dedent(content))
        return deploy(folder, "dev", azure, config)

    return run


def refusal(deployed: Deploy, body: str, **options: Any) -> str:
    with pytest.raises(RefusedError) as caught:
        deployed(body, **options)
    assert "Traceback" not in str(caught.value)
    return str(caught.value)


def test_a_program_is_deployed_with_its_exports(deployed: Deploy, azure: Azure) -> None:
    deployment = deployed("""
        logs = operationalinsights.Workspace("logs", resource_group_name=group.name)
        pulumi.export("id", logs.id)
        pulumi.export("where", logs.location)
        pulumi.export("loud", group.name.apply(lambda name: name.upper()))
        pulumi.export("days", 30)
    """)
    group, logs = deployment.resources
    assert deployment.outputs == {
        "days": 30,
        "id": logs.id,
        "loud": group.name.upper(),
        "where": "westeurope",
    }
    assert logs.inputs["resourceGroupName"] == group.name
    assert logs.dependencies == (group.urn,)
    assert azure.resources.list() == [group, logs]


def test_a_component_is_kept_for_the_tree_and_its_children_know_it(deployed: Deploy) -> None:
    deployment = deployed("""
        class Store(pulumi.ComponentResource):
            def __init__(self, name):
                super().__init__("demo:index:Store", name)
                operationalinsights.Workspace(f"{name}-logs", resource_group_name=group.name,
                                              opts=pulumi.ResourceOptions(parent=self))
                self.register_outputs({"of_no_interest": 1})

        Store("store")
        pulumi.export("done", True)
    """)
    (component,) = deployment.components
    assert component.urn == "urn:pulumi:dev::demo::demo:index:Store::store"
    assert deployment.resources[-1].parent == component.urn
    assert deployment.resources[-1].urn.split("::")[2] == (
        "demo:index:Store$azure-native:operationalinsights:Workspace"
    )
    assert deployment.outputs == {"done": True}


def test_resources_are_created_after_what_they_depend_on(deployed: Deploy) -> None:
    deployment = deployed("""
        nets = []
        for number in range(6):
            nets.append(network.VirtualNetwork(f"net-{number}", resource_group_name=group.name,
                opts=pulumi.ResourceOptions(depends_on=nets[-1:])))
    """)
    names = [resource.logical_name for resource in deployment.resources]
    assert names == ["group", *(f"net-{number}" for number in range(6))]


def test_two_deployments_with_one_seed_are_the_same(tmp_path: Path, deployed: Deploy) -> None:
    body = """
        secret = pulumi_random.RandomPassword("secret", length=20)
        for number in range(4):
            network.VirtualNetwork(f"net-{number}", resource_group_name=group.name,
                                   tags={"b": "2", "a": secret.result, "c": "3"})
    """

    def story(deployment: Deployment) -> list[tuple[str, str, str]]:
        return [(each.urn, each.id, repr(each.inputs)) for each in deployment.resources]

    first = story(deployed(body))
    with Azure(Clock(START), state_dir=tmp_path / "second", run_apps=False) as other:
        assert story(deploy(tmp_path / "program", "dev", other)) == first
    with Azure(Clock(START), state_dir=tmp_path / "third", run_apps=False, seed=7) as other:
        assert story(deploy(tmp_path / "program", "dev", other)) != first


def test_secrets_stay_secret_all_the_way(deployed: Deploy) -> None:
    deployment = deployed(
        """
        config = pulumi.Config()
        drawn = pulumi_random.RandomPassword("drawn", length=20)
        net = network.VirtualNetwork("net", resource_group_name=group.name,
            tags={"key": config.require_secret("key")}, location="westeurope")
        pulumi.export("drawn", drawn.result)
        pulumi.export("tags", net.tags)
        pulumi.export("derived", net.tags.apply(lambda tags: tags["key"].upper()))
        pulumi.export("where", net.location)
        """,
        project="config: {key: {type: string, secret: true}}",
        key="hunter2",
    )
    assert deployment.secret_outputs == {"drawn", "tags", "derived"}
    assert deployment.outputs["derived"] == "HUNTER2"
    secrets = {each.logical_name: each.secrets for each in deployment.resources}
    assert secrets["drawn"] == {"result", "bcryptHash"}
    assert secrets["net"] == {"tags"}


def test_a_secret_value_is_not_in_the_message_about_its_resource(deployed: Deploy) -> None:
    problem = refusal(
        deployed,
        """
        network.VirtualNetwork("net", resource_group_name=group.name,
                               tags=pulumi.Output.secret("hunter2"))
        """,
    )
    assert (
        problem == "network:VirtualNetwork net: tags [secret] is not accepted; expected an object"
    )


def test_every_refused_resource_is_listed_and_nothing_that_depends_on_one(
    deployed: Deploy, azure: Azure
) -> None:
    problem = refusal(
        deployed,
        """
        logs = operationalinsights.Workspace("logs", resource_group_name=group.name,
                                             sku={"name": "PerGB2019"})
        rule = monitor.ScheduledQueryRule("rule", resource_group_name=group.name, scopes=[logs.id])
        monitor.ActionGroup("soc", resource_group_name=group.name, location="global",
                            group_short_name="soc", enabled="yes")
        network.VirtualNetwork("net", resource_group_name=group.name)
        pulumi.export("shouted", logs.name.apply(lambda name: name.upper()))
        """,
    )
    assert problem.splitlines() == [
        "operationalinsights:Workspace logs: sku.name 'PerGB2019' is not accepted; "
        "did you mean 'PerGB2018'?",
        "monitor:ActionGroup soc: enabled 'yes' is not accepted; expected true or false",
    ]
    assert [each.logical_name for each in azure.resources.list()] == ["group", "net"]


def test_a_resource_that_is_registered_twice_is_refused(deployed: Deploy) -> None:
    problem = refusal(deployed, 'resources.ResourceGroup("group", location="eastus")')
    assert problem == "azure-native:resources:ResourceGroup group: is registered twice; rename one"


def test_a_fault_of_the_lab_is_no_traceback_either(
    deployed: Deploy, azure: Azure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: ResourceType, resource: Resource) -> None:
        raise ZeroDivisionError("no rows")

    monkeypatch.setattr("lab.azure.operationalinsights.Workspace.create", broken)
    body = 'operationalinsights.Workspace("logs", resource_group_name=group.name)'
    assert "Workspace logs: could not be created; ZeroDivisionError: no rows" in refusal(
        deployed, body
    )


def test_a_missing_configuration_value_is_named(deployed: Deploy) -> None:
    problem = refusal(deployed, "", project="config: {alertEmails: {type: array}}")
    command = "pulumi config set --path 'alertEmails[0]' <value> --stack dev"
    assert problem == f"alertEmails is missing; expected a value: {command}"


def test_a_value_that_the_program_itself_requires_is_named(deployed: Deploy) -> None:
    problem = refusal(deployed, 'pulumi.Config().require("colour")')
    assert "Missing required configuration variable 'demo:colour'" in problem


def test_the_program_reads_typed_configuration(deployed: Deploy) -> None:
    deployment = deployed(
        """
        config = pulumi.Config()
        values = [config.require_int("days"), config.require_bool("loud"),
                  config.require_object("mails")]
        pulumi.export("values", values)
        """,
        project="""
            config:
              days: {type: integer, default: 30}
              loud: {type: boolean, default: true}
              mails: {type: array, items: {type: string}, default: [soc@example.com]}
            """,
        days="60",
    )
    assert deployment.outputs == {"values": [60, True, ["soc@example.com"]]}


def test_refused_settings_are_only_their_message(deployed: Deploy) -> None:
    files = {"settings.py": "import pulumi\n\nclass SettingsError(pulumi.RunError):\n    pass\n"}
    body = """
        import settings
        raise settings.SettingsError("frequency PT1H is longer than window PT5M")
    """
    assert refusal(deployed, body, files=files) == "frequency PT1H is longer than window PT5M"


def test_a_programs_own_fault_is_shown_with_its_last_lines(deployed: Deploy) -> None:
    files = {"sums.py": "def quotient(a, b):\n    return a / b\n"}
    problem = refusal(deployed, "import sums\nsums.quotient(1, 0)\n", head="", files=files)
    assert problem.splitlines() == [
        "the program failed: ZeroDivisionError: division by zero",
        "  __main__.py:2 in <module>: sums.quotient(1, 0)",
        "  sums.py:2 in quotient: return a / b",
    ]


def test_a_fault_inside_an_apply_is_shown_too(deployed: Deploy) -> None:
    problem = refusal(deployed, 'group.name.apply(lambda name: name["x"])')
    assert problem.startswith("the program failed: TypeError: string indices must be integers")
    assert 'in <lambda>: group.name.apply(lambda name: name["x"])' in problem


def test_a_program_that_cannot_be_parsed_says_where(deployed: Deploy) -> None:
    problem = refusal(deployed, "x = (", head="")
    assert "__main__.py" in problem
    assert "line 1" in problem
    assert "SyntaxError" in problem


def test_a_wrong_argument_of_the_sdk_is_the_programs_own_fault(deployed: Deploy) -> None:
    problem = refusal(deployed, 'operationalinsights.Workspace("logs", resource_grup_name="x")')
    assert "resource_grup_name" in problem


def test_what_the_program_logs_is_kept_and_an_error_fails_it(deployed: Deploy) -> None:
    deployment = deployed('pulumi.log.warn("no cap is set")\npulumi.info("hello")')
    assert deployment.log == [("warning", "no cap is set"), ("info", "hello")]
    assert refusal(deployed, 'pulumi.log.error("no")', head="import pulumi\n") == "no"


def test_a_program_may_end_itself(deployed: Deploy) -> None:
    assert deployed("raise SystemExit(0)").resources
    assert refusal(deployed, "raise SystemExit(3)", head="") == "the program ended itself with 3"


def test_an_asynchronous_program_is_deployed(deployed: Deploy) -> None:
    deployment = deployed("""
        import asyncio

        async def main():
            await asyncio.sleep(0)
            return {"answer": 42}

        pulumi.run(main)
    """)
    assert deployment.outputs == {"answer": 42}


def test_provider_functions_are_answered(deployed: Deploy) -> None:
    deployment = deployed("""
        pulumi.export("subscription", authorization.get_client_config().subscription_id)
        found = resources.get_resource_group_output(resource_group_name=group.name)
        both = pulumi.Output.all(found.id, group.id)
        pulumi.export("same", both.apply(lambda ids: len(set(ids))))
        key = pulumi.Output.secret("a key")
        token = authorization.get_client_token_output(endpoint=key)
        pulumi.export("token", token.token)
    """)
    assert deployment.outputs["subscription"] == "00000000-0000-0000-0000-000000000000"
    assert deployment.outputs["same"] == 1
    assert deployment.secret_outputs == {"token"}


def test_an_existing_resource_can_be_read(deployed: Deploy, azure: Azure) -> None:
    token = "azure-native:resources:ResourceGroup"
    there = azure.resources.create(token, "there", {"location": "eastus"})
    body = f'pulumi.export("where", resources.ResourceGroup.get("x", "{there.id}").location)'
    deployment = deployed(body)
    assert deployment.outputs == {"where": "eastus"}
    assert there not in deployment.resources
    absent = 'resources.ResourceGroup.get("y", "/nowhere")'
    problem = refusal(deployed, absent, head="from pulumi_azure_native import resources\n")
    assert problem.startswith("resources:ResourceGroup y: id '/nowhere' is not found")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("pulumi.runtime.register_resource_transform(lambda args: None)", "stack transform"),
        (
            """
            from pulumi_azure_native import resources
            own = pulumi.ResourceOptions(transforms=[lambda args: None])
            resources.ResourceGroup("group", location="eastus", opts=own)
            """,
            "runs no transform of the program",
        ),
        ('pulumi.ResourceHook("h", lambda args: None)', "runs no resource hook"),
        ('pulumi.StackReference("other")', "StackReference"),
    ],
)
def test_what_the_lab_cannot_do_is_said(deployed: Deploy, body: str, words: str) -> None:
    assert words in refusal(deployed, body, head="import pulumi\n")


def test_transformations_of_the_sdk_are_applied(deployed: Deploy) -> None:
    deployment = deployed(
        """
        def tagged(args):
            args.props["tags"] = {"team": "soc"}
            return pulumi.ResourceTransformationResult(args.props, args.opts)

        pulumi.runtime.register_stack_transformation(tagged)
        from pulumi_azure_native import resources
        resources.ResourceGroup("group", location="westeurope")
        """,
        head="import pulumi\n",
    )
    assert deployment.resources[0].inputs["tags"] == {"team": "soc"}


def test_the_program_runs_in_its_own_folder_with_its_own_modules(
    deployed: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = type(sys)("settings")
    monkeypatch.setitem(sys.modules, "settings", stranger)
    before = Path.cwd(), list(sys.path), list(sys.argv)
    deployment = deployed(
        """
        import pathlib
        import settings
        pulumi.export("colour", settings.COLOUR)
        pulumi.export("later", group.name.apply(lambda _: pathlib.Path("note.txt").read_text()))
        """,
        files={"settings.py": 'COLOUR = "green"', "note.txt": "read at the end"},
    )
    assert deployment.outputs == {"colour": "green", "later": "read at the end"}
    assert sys.modules["settings"] is stranger
    assert (Path.cwd(), list(sys.path), list(sys.argv)) == before


def test_a_program_can_be_deployed_from_a_thread_and_leaves_none_behind(
    deployed: Deploy,
) -> None:
    before = set(threading.enumerate())
    done: list[Deployment] = []
    worker = threading.Thread(
        target=lambda: done.append(deployed('pulumi.export("a", group.name)'))
    )
    worker.start()
    worker.join(60)
    assert done[0].outputs["a"].startswith("group")
    assert set(threading.enumerate()) == before


def test_the_deployment_after_a_failed_one_is_sound(deployed: Deploy) -> None:
    refusal(deployed, "raise ValueError('no')", head="import pulumi\n")
    assert deployed('pulumi.export("fine", True)').outputs == {"fine": True}


def test_the_providers_location_is_the_stacks(deployed: Deploy, azure: Azure) -> None:
    deployment = deployed(
        'pulumi.export("where", resources.ResourceGroup("other").location)',
        project="config: {azure-native:location: {value: northeurope}}",
    )
    assert deployment.outputs == {"where": "northeurope"}


USERS = '{"ada": "correct-horse-battery"}'


def test_this_repositorys_own_stack_is_deployed(azure: Azure) -> None:
    deployment = deploy(ROOT, "local", azure, {"initialUsers": USERS})
    assert azure.resources.unmodelled == []
    tokens = {each.token for each in deployment.resources}
    assert "azure-native:web:WebApp" in tokens
    assert "command:local:Command" in tokens
    assert set(deployment.outputs["alertRuleIds"].values()) == {
        each.id for each in azure.resources.list("azure-native:monitor:ScheduledQueryRule")
    }
    shown = repr(deployment.outputs) + repr([each.name for each in deployment.resources])
    assert "correct-horse-battery" not in shown


def test_a_setting_of_this_repository_that_is_wrong_is_refused(azure: Azure) -> None:
    with pytest.raises(RefusedError, match="rateLimit .* is no rate limit"):
        deploy(ROOT, "local", azure, {"initialUsers": USERS, "rateLimit": "often"})
    assert azure.resources.list() == []
