"""`lab export`: detections in the forms of Sentinel, ARM and ATT&CK Navigator."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from components.content import analytics_rule, attack_coverage, detection
from components.limits.refusal import RefusedError
from lab.exchange import export_folder, navigator_layer, sentinel_rule
from lab.exchange.export_folder import Written
from lab.rehearsal import last_rehearsal
from lab.report import voice
from lab.verbs import stacks
from lab.verbs.options import Slugs

Form = Literal["sentinel", "arm", "navigator", "logs"]


def command(
    form: Annotated[Form, typer.Argument(help="What the files are for.")],
    folder: Annotated[
        Path,
        typer.Argument(metavar="PATH", help="A folder, made where it is missing; of logs a file."),
    ],
    slugs: Slugs = None,
    stack: Annotated[
        str, typer.Option("--stack", "-s", help="Whose rules arm exports, its overrides included.")
    ] = "local",
    replace: Annotated[
        bool, typer.Option("--replace", help="Overwrite files that no export wrote.")
    ] = False,
) -> None:
    """Writes the files; RefusedError when one that is there already is not ours."""
    if form == "logs":
        _write_logs(folder, replace=replace)
        return
    run(form, folder, slugs or [], stack=stack, replace=replace)


def _write_logs(path: Path, *, replace: bool) -> None:
    """The rows of the last rehearsal as JSON lines, which `lab replay` and a case can read."""
    if path.exists() and not replace:
        raise RefusedError.of(f"{path} is there already", "expected another file, or --replace")
    rows = last_rehearsal.rows()
    try:
        with path.open("w", encoding="utf-8") as file:
            number = sum(file.write(f"{line}\n") > 0 for line in rows.lines())
    finally:
        rows.close()
    voice.say(f"{number} rows of the last rehearsal: {path}")


def run(form: Form, folder: Path, slugs: list[str], *, stack: str, replace: bool) -> None:
    """Writes the files and says of each what became of it; RefusedError when one is not ours."""
    found = detection.choose(slugs or "all")  # an unknown slug is refused for every form
    left_out: list[str] = []
    if form == "sentinel":
        files = _sentinel(slugs, left_out)
    elif form == "arm":
        stacks.refuse_unknown(stack)
        files = _arm(stack, [each.slug for each in found] if slugs else [], left_out)
    else:
        rows = attack_coverage.matrix(found, attack_coverage.read())
        files = {"login-monitor.json": navigator_layer.text(rows, f"{len(found)}")}
    _say(folder, export_folder.write(folder, files, replace=replace))
    for line in left_out:
        voice.say(f"left out: {line}")


def _sentinel(slugs: list[str], left_out: list[str]) -> dict[str, str]:
    found = detection.choose(slugs or "all")
    rules, refused = analytics_rule.carried_over(found)
    if slugs and refused:
        raise RefusedError(*(each for error in refused.values() for each in error.refusals))
    left_out += map(str, refused.values())
    by_slug = {each.slug: each for each in found}
    files = {f"{rule.slug}.yaml": sentinel_rule.text(rule, by_slug[rule.slug]) for rule in rules}
    for rule in rules:
        if rule.function:
            files[f"functions/{rule.function}.kql"] = sentinel_rule.function_text(rule)
    return files


def _arm(stack: str, slugs: list[str], left_out: list[str]) -> dict[str, str]:
    from lab.exchange import arm_template

    rules = arm_template.deployed_rules(stack, slugs)
    template = arm_template.text(rules)
    left_out += [
        f"{slug} reads tables that stack {stack} does not fill"
        for slug in ([] if slugs else detection.load_all())
        if f'"name": "{slug}"' not in template
    ]
    return {"alert-rules.json": template}


def _say(folder: Path, written: Written) -> None:
    for state, names in (("new", written.new), ("replaced", written.changed)):
        for name in names:
            voice.say(f"{state}: {folder / name}")
    if written.same:
        voice.say(f"unchanged: {len(written.same)} files")
    for name in written.left_over:
        voice.say(f"no longer exported, left as it is: {folder / name}")
