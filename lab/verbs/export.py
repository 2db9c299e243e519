"""`lab export`: detections in the forms of Sentinel, ARM and ATT&CK Navigator."""

from pathlib import Path

from rich.console import Console

from components.content import analytics_rule, attack_coverage, detection
from lab.exchange import export_folder, navigator_layer, sentinel_rule
from lab.exchange.export_folder import ExportError, Written
from lab.verbs import stacks

FORMS = ("sentinel", "arm", "navigator")


def run(
    form: str,
    folder: Path,
    slugs: list[str],
    *,
    stack: str,
    replace: bool,
    out: Console,
) -> None:
    """Writes the files and says of each what became of it; ExportError when one is not ours."""
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
    _say(folder, export_folder.write(folder, files, replace=replace), out)
    for line in left_out:
        out.print(f"left out: {line}", markup=False, highlight=False, soft_wrap=True)


def _sentinel(slugs: list[str], left_out: list[str]) -> dict[str, str]:
    found = detection.choose(slugs or "all")
    rules, refused = analytics_rule.carried_over(found)
    if slugs and refused:
        raise ExportError("\n".join(refused.values()))
    left_out += refused.values()
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


def _say(folder: Path, written: Written, out: Console) -> None:
    for state, names in (("new", written.new), ("replaced", written.changed)):
        for name in names:
            out.print(f"{state}: {folder / name}", markup=False, highlight=False, soft_wrap=True)
    if written.same:
        out.print(f"unchanged: {len(written.same)} files", highlight=False)
    for name in written.left_over:
        line = f"no longer exported, left as it is: {folder / name}"
        out.print(line, markup=False, highlight=False, soft_wrap=True)
