"""A judgment for a person, from the verdict down to the rows."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lab.judge.verdict import Judgment
from lab.report import voice

_SHOWN: Final = 6
"""Attacks, and accused scenes, that are shown with a row; the others are named."""
_ROW: Final = 300
_COLOURS: Final = {True: "bold green", False: "bold red"}


def show(found: Judgment) -> None:
    """Prints it."""
    own, record = found.own, found.as_json()
    voice.say(f"{own.name} ({own.place.in_file()}): {condition(record['condition'])}", "bold")
    voice.say(f"verdict: {found.verdict}", _COLOURS[found.is_sound])
    for title, entries in (("catches", record["caught"]), ("misses", record["missed"])):
        voice.say()
        voice.say(f"{title} {_count(entries)}", "bold")
        _say(_of_attacks(entries))
    if record["unseen"]:
        names = ", ".join(record["unseen"])
        reads = ", ".join(record["tables"]) or "no table"
        voice.say(f"cannot see, for it reads {reads} alone: {names}", "dim")
    if record["also_fires_on"]:
        names = ", ".join(each["attack"] for each in record["also_fires_on"])
        voice.say(f"also fires on troubles without an attacker: {names}", "dim")
    voice.say()
    accused = record["accused"]
    voice.say(
        f"falsely accuses in {len(accused)} of {record['ordinary_scenes']} ordinary scenes", "bold"
    )
    _say(_of_scenes(accused))
    voice.say()
    price = record["monthly"]
    often = f"; its condition holds {record['share_of_time_fired']:.0%} of the time"
    voice.say(f"alerts a day, on ordinary days: {record['alerts_a_day']:g}{often}", "bold")
    voice.say(f"price: {price['amount']:.2f} {price['currency']} a month", "bold")
    for number, each in enumerate(found.advice):
        voice.say()
        voice.say(each.what, "yellow")
        _say(_rows(each.rows))
        voice.say(f"better: {each.better}", "green")
        if number == 0 and found.retrial is not None:
            again = found.retrial
            voice.say(
                f"  tried: with that, and a threshold of {again.threshold:g}, it catches"
                f" {again.caught} recorded attacks ({len(found.caught)} now), falsely accuses in"
                f" {again.accused} scenes ({len(accused)} now),"
                f" and raises {again.alerts_a_day:g} alerts on an ordinary day",
                "green",
            )
    _say(_remarks(found))


def condition(given: Mapping[str, Any]) -> str:
    """`rows > 0 in PT5M, per CIp, looked at every PT5M`."""
    signs = {
        "GreaterThan": ">",
        "GreaterThanOrEqual": ">=",
        "LessThan": "<",
        "LessThanOrEqual": "<=",
        "Equal": "=",
    }
    measure = given["measure"]
    if measure != "rows":
        measure = f"{given['aggregation']} of {measure}"
    text = f"{measure} {signs[given['operator']]} {given['threshold']:g} in {given['window']}"
    if given["dimensions"]:
        text += f", per {' and '.join(given['dimensions'])}"
    periods = given["failing_periods"]
    if periods["of"] > 1:
        text += f", in {periods['min']} of {periods['of']} periods"
    return f"{text}, looked at every {given['frequency']}"


def _say(lines: Iterator[str]) -> None:
    for line in lines:
        voice.say(line)


def _count(entries: Sequence[Mapping[str, Any]]) -> str:
    attacks = "attack" if len(entries) == 1 else "attacks"
    scenes = sum(each["scenes"] for each in entries)
    return f"{len(entries)} {attacks}, in {scenes} recorded scenes"


def _of_attacks(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in entries[:_SHOWN]:
        whom = ", ".join(f"{name} {value}" for name, value in each.get("whom", {}).items())
        measured = f"; measured {each['value']:g}" if "value" in each else ""
        if "nearest" in each:
            measured = f"; nearest {each['nearest']:g}"
        yield (
            f"  {each['attack']}: {each['scenes']} of {each['of']}, as in: {each['scene']}"
            + (f" ({whom})" if whom else "")
            + measured
        )
        yield from _rows(
            (each["result"] or each["rows"])[:1] if "value" in each else each["rows"][:1]
        )
    if rest := entries[_SHOWN:]:
        yield "  and " + ", ".join(
            f"{each['attack']} {each['scenes']} of {each['of']}" for each in rest
        )


def _of_scenes(accused: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for each in accused[:_SHOWN]:
        whom = ", ".join(f"{name} {value}" for name, value in each["whom"].items())
        alerts = "1 alert" if each["alerts"] == 1 else f"{each['alerts']} alerts"
        yield f"  {each['scene']}: {alerts}" + (f", first for {whom}" if whom else "")
        yield from _rows(each["rows"][:1])
    if len(accused) > _SHOWN:
        yield f"  and {len(accused) - _SHOWN} more (--json has them all)"


def _rows(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for row in rows:
        text = "  ".join(f"{name}={value}" for name, value in row.items() if value is not None)
        yield "    " + (text if len(text) <= _ROW else f"{text[:_ROW]}…")


def _remarks(found: Judgment) -> Iterator[str]:
    told = {"can-never-fire", "table-without-rows", "path-without-query"}
    others = [each for each in found.linted.remarks if each.rule_id not in told]
    if others:
        yield ""
        yield "lab check says as well:"
    for each in others:
        place = f" (line {each.line})" if each.line else ""
        yield f"  {each.rule_id}: {each.what}; {each.expected}{place}"
