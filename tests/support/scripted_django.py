"""A site whose pages, fields and answers are Django's: another sign-in than the login app's."""

import secrets
from html import escape
from urllib.parse import quote

from aiohttp import web

SIGN_IN = "/accounts/login/"


class DjangoSite:
    """One account; without a link nobody finds the sign-in page but at its usual place."""

    def __init__(self) -> None:
        self.account = ("maeve.o'brien", "right horse")
        self.seen: list[web.Request] = []
        self.posted: list[dict[str, str]] = []
        self.sends_home_to_sign_in = False
        self.sign_in = SIGN_IN
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self.answer)

    @property
    def requests(self) -> list[str]:
        return [f"{request.method} {request.raw_path}" for request in self.seen]

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        token = request.cookies.get("csrftoken")
        if request.method == "POST":
            return await self.post(request, token)
        if request.path == self.sign_in:
            return self.form(token, request.query.get("next", ""))
        if request.path == "/" and not self.sends_home_to_sign_in:
            return self.page(f'<p>Board</p><a href="{self.sign_in}?next=/">Sign in</a>')
        if request.path in ("/", "/account/"):
            return self.home(request, token)
        return self.page("Not found", status=404)

    def home(self, request: web.Request, token: str | None) -> web.Response:
        if "sessionid" not in request.cookies:
            there = f"{self.sign_in}?next={quote(request.path)}"
            return web.Response(status=302, headers={"Location": there})
        return self.page(f'<form action="/accounts/logout/" method="post">{field(token)}</form>')

    async def post(self, request: web.Request, token: str | None) -> web.Response:
        fields = {key: str(value) for key, value in (await request.post()).items()}
        self.posted.append(fields)
        origin = request.headers.get("Origin")
        if not token or fields.get("csrfmiddlewaretoken") != token or not origin:
            return self.page("<h1>Forbidden</h1><p>CSRF verification failed.</p>", status=403)
        if request.path == "/accounts/logout/":
            out = web.Response(status=302, headers={"Location": "/"})
            out.del_cookie("sessionid")
            return out
        if (fields["username"], fields["password"]) != self.account:
            return self.form(token, "")
        inside = web.Response(status=302, headers={"Location": "/account/"})
        inside.set_cookie("sessionid", secrets.token_hex(8), secure=True)
        inside.set_cookie("csrftoken", secrets.token_hex(8), secure=True)
        return inside

    def form(self, token: str | None, following: str) -> web.Response:
        token = token or secrets.token_hex(8)
        inputs = (
            f'{field(token)}<input type="text" name="username">'
            '<input type="password" name="password">'
            f'<input type="hidden" name="next" value="{escape(following)}">'
        )
        answer = self.page(f'<form method="post">{inputs}</form>')
        answer.set_cookie("csrftoken", token, secure=True)
        return answer

    def page(self, html: str, status: int = 200) -> web.Response:
        return web.Response(text=html, status=status, content_type="text/html")


def field(token: str | None) -> str:
    return f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
