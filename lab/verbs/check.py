"""`lab check`: the queries by three checks, for people or for programs."""

from pathlib import Path
from typing import Final, Literal

from rich.console import Console

from lab.report.plain_text import plain

Format = Literal["text", "json", "sarif", "junit"]

_NOTICE: Final = "yellow"


def run(slugs: list[str], form: Format, output: Path | None, *, out: Console, err: Console) -> int:
    """The exit code: 0 nothing wrong, 1 an error, 2 a file that cannot be used as it is.

    OSError for an output that cannot be written, before anything is checked.
    """
    from lab.check import run as checks
    from lab.check import show_json, show_junit, show_sarif, show_text

    shows = {
        "text": show_text.text,
        "json": show_json.text,
        "sarif": show_sarif.text,
        "junit": show_junit.text,
    }
    if output is not None:
        output.open("a", encoding="utf-8").close()
    report = checks.check(slugs)
    for notice in report.notices:
        err.print(plain(notice, _NOTICE), soft_wrap=True)
    text = shows[form](report)
    if output is None:
        out.print(plain(text), soft_wrap=True)
    else:
        output.write_text(f"{text}\n", encoding="utf-8")
        err.print(plain(f"{show_text.summary(report)}: {output}"), soft_wrap=True)
    return report.exit_code
