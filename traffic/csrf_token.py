"""The token that a page wants back with its form."""

from html.parser import HTMLParser

FIELD = "csrf_token"


def in_page(html: str) -> str | None:
    """Value of the first input named `csrf_token`; None where the page has no such form."""
    if FIELD not in html:
        return None
    form = _Form()
    form.feed(html)
    return form.token


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.token: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name") == FIELD and self.token is None:
            self.token = found.get("value")
