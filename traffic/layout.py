"""Where an app has the pages that scenarios speak of, and how its sign-in form is filled in."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from traffic.form import Form

_SIGN_OUT_WORDS = (
    ("login", "logout"),
    ("log-in", "log-out"),
    ("log_in", "log_out"),
    ("signin", "signout"),
    ("sign-in", "sign-out"),
    ("sign_in", "sign_out"),
)


@dataclass
class Layout:
    """Of the login app of this project, until another app's pages have been looked at."""

    sign_in: str = "/login"
    sign_out: str = "/logout"
    account: str = "/account"
    """'' until somebody has signed in: it is where one is led then."""
    health: str = "/health"
    username: str = "username"
    password: str = "password"  # noqa: S105  # the name of a field
    hidden: tuple[tuple[str, str], ...] = ()
    """Fields that the form brings along and takes back."""

    def path(self, written: str) -> str:
        """A path of a scenario as this app has it; what is no page of every app stays as it is."""
        page, mark, query = written.partition("?")
        known = {
            "/login": self.sign_in,
            "/logout": self.sign_out,
            "/account": self.account or page,
            "/health": self.health,
        }
        return f"{known.get(page, page)}{mark}{query}"

    def data(self, written: str) -> str:
        """The body of a sign-in that a scenario wrote itself, with this app's names of fields."""
        names = {"username": self.username, "password": self.password}
        if names == {"username": "username", "password": "password"}:
            return written
        pairs = parse_qsl(written, keep_blank_values=True)
        if {name for name, _ in pairs} != names.keys():
            return written
        return urlencode([(names[name], value) for name, value in pairs])

    def with_form(self, page: str, form: Form) -> "Layout":
        """The same with the sign-in form of a page; where one signs out follows from its name."""
        target = form.action.partition("?")[0]
        path = target if target.startswith("/") else page
        return replace(
            self,
            sign_in=path,
            sign_out=_sign_out(path) or self.sign_out,
            account=self.account if path == self.sign_in else "",
            username=form.username,
            password=form.password,
            hidden=form.hidden,
        )


def _sign_out(sign_in: str) -> str:
    for word, other in _SIGN_OUT_WORDS:
        before, found, after = sign_in.rpartition(word)
        if found:
            return f"{before}{other}{after}"
    return ""
