"""Forms of a page, as far as a browser fills them in. Pure."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_TOKEN = re.compile(r"(?i)csrf|xsrf|forgery|authenticity|^_token$")
"""What frameworks call the hidden field that must come back: csrf_token (Flask-WTF),
csrfmiddlewaretoken (Django), authenticity_token (Rails), __RequestVerificationToken (ASP.NET)."""

_TYPED = ("", "text", "email", "tel")


@dataclass(frozen=True)
class Token:
    """A hidden field that the server wants back."""

    name: str
    value: str


@dataclass
class Form:
    """Where a form goes, and its fields in their order as (type, name, value)."""

    action: str = ""
    fields: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def token(self) -> Token | None:
        found = (Token(name, value) for _, name, value in self.fields if _TOKEN.search(name))
        return next(found, None)

    @property
    def password(self) -> str:
        """Name of the field for the password; '' where there is none, or several to choose one."""
        names = [name for kind, name, _ in self.fields if kind == "password"]
        return names[0] if len(names) == 1 else ""

    @property
    def username(self) -> str:
        """Name of the last field before the password that somebody types into."""
        found = ""
        for kind, name, _ in self.fields:
            if kind == "password":
                break
            if kind in _TYPED:
                found = name
        return found

    @property
    def hidden(self) -> tuple[tuple[str, str], ...]:
        """Other fields that go back as they came, such as where to go afterwards."""
        token = self.token
        return tuple(
            (name, value)
            for kind, name, value in self.fields
            if kind == "hidden" and (token is None or name != token.name)
        )


def forms(html: str) -> list[Form]:
    """Every form of the page; fields outside of any belong to none."""
    if "<form" not in html.lower():
        return []
    found = _Forms()
    found.feed(html)
    return found.forms


def token(html: str) -> Token | None:
    """The first token of the page; None where no form wants one."""
    return next((found for each in forms(html) if (found := each.token)), None)


def sign_in(html: str) -> Form | None:
    """The first form with one password and a name before it."""
    return next((each for each in forms(html) if each.password and each.username), None)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(found.get("action", "")))
            self._is_open = True
        elif tag == "input" and self._is_open and found.get("name"):
            entry = (found.get("type", "").lower(), found["name"], found.get("value", ""))
            self.forms[-1].fields.append(entry)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_open = False
