"""What Azure would refuse, the engine refuses: by name, and before anything is made."""

import pytest

from tests.support.project import PASSWORD, Project

pytestmark = pytest.mark.engine


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            'operationalinsights.Workspace("bad", resource_group_name=group.name,'
            " retention_in_days=5)",
            "Workspace resource 'bad' has a problem: retentionInDays 5 is not accepted;"
            " expected 30 to 730",
        ),
        (
            'web.WebApp("bad", resource_group_name=group.name, server_farm_id=plan.id, name="a_b")',
            "name 'a_b' is no name that Azure accepts",
        ),
        (
            'monitor.ActionGroup("bad", resource_group_name=group.name, location="global",'
            ' group_short_name="soc", webhook_receivers=[{"name": "hook", "service_uri": secret}])',
            "webhookReceivers[0].serviceUri [secret] is not accepted",
        ),
    ],
)
def test_nothing_is_made_of_a_program_with_a_bad_resource(
    project: Project, body: str, words: str
) -> None:
    project.write(f"""
        secret = pulumi.Config().require_secret("password")
        group = resources.ResourceGroup("group", location="westeurope")
        plan = web.AppServicePlan("plan", resource_group_name=group.name, kind="linux",
            reserved=True, sku={{"name": "B1"}})
        {body}
    """)
    said = project.run("up", "--yes", fails=True)
    assert words in said
    assert PASSWORD not in said
    assert project.held == []
