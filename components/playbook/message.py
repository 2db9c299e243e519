"""The message of the playbook, as a channel of Teams or Slack takes it.

Pure: no pulumi, no I/O.
"""

from typing import Any

from components.playbook.workflow_action import ESSENTIALS

_REPLACED = {
    "slack": (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")),
    "teams": (("[", "("), ("]", ")")),
}


def telling(message_format: str) -> dict[str, Any]:
    """The message goes out whatever became of the block; its URL stays out of the run history."""
    body = _slack_message() if message_format == "slack" else _teams_message()
    name, value = (
        _harmless(f"coalesce(item()?['{key}'], '')", message_format) for key in ("name", "value")
    )
    return {
        "Facts": {
            "type": "Select",
            "runAfter": {"Address": ["Succeeded"]},
            "inputs": {
                "from": "@outputs('Dimensions')",
                "select": {"title": f"@{name}", "value": f"@{value}"}
                if message_format == "teams"
                else f"@concat({name}, ': ', {value})",
            },
        },
        "Tell": {
            "type": "Http",
            "runAfter": {
                "Facts": ["Succeeded"],
                "Is_to_be_considered": ["Succeeded", "Failed", "TimedOut", "Skipped"],
            },
            "inputs": {
                "method": "POST",
                "uri": "@parameters('notifyUrl')",
                "headers": {"Content-Type": "application/json"},
                "body": body,
            },
            "runtimeConfiguration": {"secureData": {"properties": ["inputs"]}},
        },
    }


def _harmless(text: str, message_format: str) -> str:
    """An expression for a text that attackers choose: it must not become a link."""
    for found, instead in _REPLACED[message_format]:
        text = f"replace({text}, '{found}', '{instead}')"
    return text


def _title() -> str:
    return (
        f"@{{{ESSENTIALS}?['monitorCondition']}}: @{{{ESSENTIALS}?['severity']}}"
        f" @{{{ESSENTIALS}?['alertRule']}}"
    )


_PORTAL = f"coalesce({ESSENTIALS}?['investigationLink'], 'https://portal.azure.com/')"
_CUSTOM = "triggerBody()?['data']?['customProperties']"
_RUNBOOK = f"coalesce({_CUSTOM}?['runbook'], {_CUSTOM}?['response'], 'none')"


def _teams_message() -> dict[str, Any]:
    """An adaptive card, as Teams' incoming webhooks take it."""

    def block(text: str, **more: Any) -> dict[str, Any]:
        return {"type": "TextBlock", "text": text, "wrap": True, **more}

    card = {
        "type": "AdaptiveCard",
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "version": "1.4",
        "body": [
            block(_title(), weight="Bolder", size="Medium"),
            block(f"@{{{ESSENTIALS}?['description']}}"),
            {"type": "FactSet", "facts": "@body('Facts')"},
            block("Action: @{variables('outcome')}"),
            block(f"Runbook: @{{{_RUNBOOK}}}"),
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open in Azure", "url": f"@{_PORTAL}"}],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": kind, "content": card}]}


def _slack_message() -> dict[str, Any]:
    lines = (
        f"*{_title()}*",
        f"@{{{ESSENTIALS}?['description']}}",
        "@{join(body('Facts'), decodeUriComponent('%0A'))}",
        "Action: @{variables('outcome')}",
        f"Runbook: @{{{_RUNBOOK}}}",
        f"<@{{{_PORTAL}}}|Open in Azure>",
    )
    return {"text": "\n".join(lines)}
