"""A small login app, as strict about cookies and form tokens as the real one."""

import asyncio
import secrets
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Session:
    token: str = field(default_factory=lambda: secrets.token_hex(8))
    username: str = ""


class LoginApp:
    """Secure session cookie over plain http on loopback; one form token per session."""

    def __init__(self) -> None:
        self.accounts = {"maeve.o'brien": "right horse"}
        self.sessions: dict[str, Session] = {}
        self.seen: list[web.Request] = []
        self.shows_forms = True
        self.answers_after_s = 0.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = self.most_under_way = 0
        self.app = web.Application()
        self.app.router.add_get("/login", self.form)
        self.app.router.add_post("/login", self.login)
        self.app.router.add_get("/account", self.account)
        self.app.router.add_post("/logout", self.logout)
        self.app.router.add_route("*", "/{path:.*}", self.missing)

    @property
    def requests(self) -> list[str]:
        return [f"{request.method} {request.raw_path}" for request in self.seen]

    def forget_tokens(self) -> None:
        for session in self.sessions.values():
            session.token = secrets.token_hex(8)

    def session(self, request: web.Request) -> Session:
        self.seen.append(request)
        return self.sessions.get(request.cookies.get("session", ""), Session())

    def page(self, session: Session, status: int = 200, location: str = "") -> web.Response:
        field = f'<input type="hidden" name="csrf_token" value="{session.token}">'
        typed = '<input name="username"><input type="password" name="password">'
        html = f"<form>{field}{typed}</form>" if self.shows_forms else "<p>Closed</p>"
        response = web.Response(text=html, status=status, content_type="text/html")
        if location:
            response.headers["Location"] = location
        key = secrets.token_hex(8)
        self.sessions[key] = session
        response.set_cookie("session", key, secure=True, httponly=True, samesite="Lax")
        return response

    async def form(self, request: web.Request) -> web.Response:
        return self.page(self.session(request))

    async def login(self, request: web.Request) -> web.Response:
        session, fields = self.session(request), await request.post()
        if fields.get("csrf_token") != session.token:
            return web.Response(status=400)
        username = str(fields["username"])
        if self.accounts.get(username) != fields["password"]:
            return self.page(session, status=401)
        return self.page(Session(username=username), status=302, location="/account")

    async def account(self, request: web.Request) -> web.Response:
        session = self.session(request)
        if not session.username:
            return web.Response(status=302, headers={"Location": "/login"})
        return self.page(session)

    async def logout(self, request: web.Request) -> web.Response:
        session, fields = self.session(request), await request.post()
        if fields.get("csrf_token") != session.token:
            return web.Response(status=400)
        return self.page(Session(), status=302, location="/")

    async def missing(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await self.gate.wait()
        await asyncio.sleep(self.answers_after_s)
        self.under_way -= 1
        return web.Response(status=404)
