"""`lab preflight`: what stands between a stack and its first `pulumi up`."""

import json
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Final

import typer
from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential

from components.content.places import ROOT
from components.limits.refusal import RefusedError
from lab.engine.in_process import deploy
from lab.engine.throwaway import throwaway
from lab.preflight import checks
from lab.preflight.arm_client import ENDPOINT, SCOPE, ArmClient
from lab.preflight.finding import Finding, Status
from lab.preflight.needs import Needs
from lab.report import voice
from lab.verbs import stacks
from lab.verbs.exit_code import FAILED
from lab.verbs.options import Json, Stack

MARKS: Final[dict[Status, str]] = {"ok": "ok", "warning": "note", "failed": "NO", "unknown": "?"}


def command(
    stack: Stack = "dev",
    subscription: Annotated[
        str | None, typer.Option(help="Its id; ARM_SUBSCRIPTION_ID by default.")
    ] = None,
    as_json: Json = False,
) -> int:
    """1 when something is in the way."""
    return 0 if run(stack, subscription, as_json) else FAILED


def run(stack: str, subscription: str | None, as_json: bool) -> bool:
    """Whether nothing is in the way; prints one line a question, and what to do about a NO."""
    stacks.refuse_unknown(stack)
    chosen = subscription or subscription_of(stack, os.environ)
    client = ArmClient(chosen, token, os.environ.get("ARM_ENDPOINT") or ENDPOINT)
    try:
        found = list(checks.run(client, needs_of(stack)))
    finally:
        client.close()
    if as_json:
        voice.give(json.dumps([asdict(finding) for finding in found], indent=2))
    else:
        show(found)
    return not any(finding.status == "failed" for finding in found)


def needs_of(stack: str) -> Needs:
    """What the program registers for the stack, on a stand-in that is thrown away."""
    with throwaway() as azure:
        return Needs.of(deploy(ROOT, stack, azure).resources)


def subscription_of(stack: str, environ: Mapping[str, str]) -> str:
    """The one that Pulumi's Azure provider would use, as far as no CLI has to be asked."""
    found = environ.get("ARM_SUBSCRIPTION_ID") or environ.get("AZURE_SUBSCRIPTION_ID")
    if not found:
        raise RefusedError.of(
            f"no subscription is named for stack {stack}",
            "expected --subscription ID, or ARM_SUBSCRIPTION_ID"
            " (`az account show --query id -o tsv` prints it)",
        )
    return found


def token() -> str:
    """For Resource Manager, from whoever is signed in; RefusedError when nobody is."""
    logging.getLogger("azure").setLevel(logging.CRITICAL)  # its warnings repeat our message
    try:
        return DefaultAzureCredential().get_token(SCOPE).token
    except AzureError as error:
        first = str(error).strip().splitlines()[0]
        raise RefusedError.of(f"nobody is signed in ({first})", "expected `az login`") from None


def show(found: Iterable[Finding]) -> None:
    """A line a finding; the remedy below it."""
    for finding in found:
        voice.say(f"{MARKS[finding.status]:>4}  {finding.check}: {finding.said}")
        if finding.remedy and finding.status != "ok":
            voice.say(f"      {finding.remedy}")
