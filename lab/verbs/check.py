"""`lab check`: the queries by three checks, for people or for programs."""

from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from lab.report import voice
from lab.verbs.exit_code import PASSED, WRONG

Format = Literal["text", "json", "sarif", "junit"]

_NOTICE: Final = "yellow"


def command(
    slugs: Annotated[
        list[str] | None,
        typer.Argument(help="Queries by their slugs, or files with a bare query; all by default."),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = "text",
    output: Annotated[
        Path | None, typer.Option(help="File for the report; standard output by default.")
    ] = None,
) -> int:
    """The exit code: 0 nothing wrong, 1 an error, 2 a file that cannot be used as it is.

    OSError for an output that cannot be written, before anything is checked.
    """
    from lab.check import run as checks
    from lab.check import show_json, show_junit, show_sarif, show_text

    files = [Path(each) for each in slugs or [] if Path(each).is_file()]
    if files:
        return max(_of_file(each) for each in files)
    shows = {
        "text": show_text.text,
        "json": show_json.text,
        "sarif": show_sarif.text,
        "junit": show_junit.text,
    }
    if output is not None:
        output.open("a", encoding="utf-8").close()
    report = checks.check(slugs or [])
    for notice in report.notices:
        voice.note(notice, _NOTICE)
    text = shows[form](report)
    if output is None:
        voice.say(text)
    else:
        output.write_text(f"{text}\n", encoding="utf-8")
        voice.note(f"{show_text.summary(report)}: {output}")
    return report.exit_code


def _of_file(path: Path) -> int:
    """The exit code for a file with nothing but a query."""
    from lab.check import bare_query

    answer = bare_query.check(path)
    if answer.refused is not None:
        voice.say(answer.refused)
        return WRONG
    columns = ", ".join(f"{name} ({kind.lower()})" for name, kind in answer.columns.items())
    voice.say(f"{path}: runs, and gives {columns}")
    return PASSED
