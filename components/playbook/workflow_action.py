"""Actions of a workflow, and the parts of an alert they speak of.

"Workflow Definition Language schema reference" (learn.microsoft.com). Pure: no pulumi, no I/O.
"""

from typing import Any

SCHEMA = (
    "https://schema.management.azure.com/providers/Microsoft.Logic/schemas/2016-06-01/"
    "workflowdefinition.json#"
)
ESSENTIALS = "triggerBody()?['data']?['essentials']"
ADDRESS = "outputs('Address')"
"""The source address of the alert, '' for none."""


def query(source: str, where: str, after: str = "") -> dict[str, Any]:
    """The items of a list that meet a condition; the portal calls it Filter array."""
    return {"type": "Query", "runAfter": _after(after), "inputs": {"from": source, "where": where}}


def set_outcome(text: str, after: str = "") -> dict[str, Any]:
    """What the message will say was done."""
    inputs = {"name": "outcome", "value": text}
    return {"type": "SetVariable", "runAfter": _after(after), "inputs": inputs}


def _after(name: str) -> dict[str, list[str]]:
    return {name: ["Succeeded"]} if name else {}
