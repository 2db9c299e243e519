"""Whatever form an alert rule comes in: which one it is, and the rules in it."""

import re
import tempfile
from pathlib import Path
from typing import Any, Final

import yaml

from components.content import detection, kql_function
from components.content.detection import Detection
from components.limits.refusal import Place, Refusal, RefusedError, shown
from lab.exchange import arm_rule, foreign_rule, sentinel_import, terraform_rule
from lab.exchange.foreign_rule import ForeignRule

_FORMS: Final = (
    "expected KQL (.kql, .csl, .txt), an ARM template or an exported rule (.json), Terraform (.tf),"
    " or an analytics rule of Sentinel (.yaml)"
)
_HEAD: Final = re.compile(r"\A\ufeff?\s*//\s*name\s*:", re.IGNORECASE)
_LARGEST: Final = 2_000_000
"""Bytes; a rule has at most 64 kB, a template 4 MB with all else in it."""


def read(path: Path) -> list[ForeignRule]:
    """The rules of a file; RefusedError says where, what, and what is expected."""
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix == ".tf":
        return terraform_rule.read(path, text)
    if suffix in (".yaml", ".yml"):
        return [_of_sentinel(path)]
    if suffix == ".json" or text.lstrip("\ufeff \n\r\t").startswith(("{", "[")):
        analytics = arm_rule.sentinel_rules(text)
        return [_of_export(path, each) for each in analytics] or arm_rule.read(path, text)
    if suffix == ".bicep":
        what, expected = "is not built yet", "expected the JSON that `az bicep build` makes of it"
        raise RefusedError(Refusal(Place(shown(path)), what, expected))
    if suffix not in (".kql", ".csl", ".txt", ".kusto", ""):
        raise RefusedError(Refusal(Place(shown(path)), "is of no known form", _FORMS))
    if _HEAD.match(text):
        return [_of_detection(detection.read(path, kql_function.load_all()), path, "detection")]
    if not text.strip():
        raise RefusedError(Refusal(Place(shown(path)), "is empty", _FORMS))
    return [foreign_rule.of_query(path, text, path.stem)]


def _text(path: Path) -> str:
    if path.is_dir():
        raise RefusedError(Refusal(Place(str(path)), "is a folder", _FORMS))
    if path.stat().st_size > _LARGEST:
        raise RefusedError(Refusal(Place(shown(path)), "is larger than 2 MB", _FORMS))
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedError(Refusal(Place(shown(path)), "is not UTF-8", _FORMS)) from error


def _of_sentinel(path: Path, told: Path | None = None) -> ForeignRule:
    imported = sentinel_import.from_file(path)
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{imported.slug}.kql"
        file.write_text(imported.text, encoding="utf-8")
        found = detection.read(file, kql_function.load_all())
    return _of_detection(found, told or path, "Sentinel")


def _of_export(path: Path, rule: dict[str, Any]) -> ForeignRule:
    """Sentinel's own export, in the keys of its YAML form."""
    signs = {"GreaterThan": "gt", "LessThan": "lt", "Equal": "eq", "NotEqual": "ne"}
    known = {
        "name": rule.get("displayName"),
        "relevantTechniques": rule.get("techniques"),
        "triggerOperator": signs.get(str(rule.get("triggerOperator")), rule.get("triggerOperator")),
    }
    kept = ("kind", "description", "severity", "query", "queryFrequency", "queryPeriod")
    document = {key: rule.get(key) for key in (*kept, "triggerThreshold", "entityMappings")}
    document |= known
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / f"{path.stem}.yaml"
        written = {key: value for key, value in document.items() if value is not None}
        file.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
        try:
            return _of_sentinel(file, path)
        except RefusedError as error:
            where = Place(shown(path))
            told = [Refusal(where, each.problem, each.expected) for each in error.refusals]
            raise RefusedError(*told) from None


def _of_detection(found: Detection, path: Path, form: str) -> ForeignRule:
    given: dict[str, Any] = {
        "query": found.query,
        "severity": found.severity,
        "evaluationFrequency": found.frequency,
        "windowSize": found.window,
        "timeAggregation": found.aggregation,
        "metricMeasureColumn": found.measure_column,
        "operator": found.operator,
        "threshold": found.threshold,
        "alertSensitivity": found.sensitivity,
        "dimensions": [
            {"name": name, "operator": "Include", "values": ["*"]} for name in found.dimensions
        ],
        "failingPeriods": {
            "numberOfEvaluationPeriods": found.failing_periods,
            "minFailingPeriodsToAlert": found.min_failing_periods,
        },
        "displayName": found.name,
        "description": found.description,
    }
    return ForeignRule(found.slug, Place(shown(path)), given, None, form)
