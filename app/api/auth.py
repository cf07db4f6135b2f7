"""Signing in and out over HTTP. Only here is the session cookie set and cleared.

A socket sees the cookies of its own handshake only, so each of these ends in a full page load.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.core import edge, web
from app.core.errors import NotSignedIn
from app.core.settings import settings
from app.services import sessions

SIGN_IN_PAGE = "/sign-in"
HOME_PAGE = "/"

router = APIRouter(prefix="/auth", tags=["auth"])


async def welcome(request: Request) -> Response:
    """Open a welcome link: a good one signs in and leads home, another leads to the sign-in page, which says why."""
    if request.method != "GET":
        return Response(status_code=204)  # a HEAD by whatever previews links starts no session
    return await _sign_in(request, request.query_params.get("token", ""))


@router.post("/sign-in", status_code=303, response_class=RedirectResponse)
async def sign_in(
    request: Request,
    token: Annotated[str, Form(max_length=2000)] = "",
    following: Annotated[str, Form(alias="next", max_length=web.LONGEST_PATH)] = "",
) -> Response:
    """Sign in with a pasted welcome link, or with the token inside it; then go to the page that was wanted."""
    return await _sign_in(request, token.strip().rpartition("token=")[2].partition("&")[0], web.own_path(following))


@router.post("/sign-out", status_code=303, response_class=RedirectResponse)
async def sign_out(request: Request) -> Response:
    """End the session: its row, its cookie, and the live pages it has open."""
    token = web.session_token(request.headers.get("cookie", ""))
    if token:
        await edge.write(sessions.sign_out, token)
    response = _lead_to(SIGN_IN_PAGE)
    response.delete_cookie(web.cookie_name(), path="/", secure=settings().is_https, httponly=True, samesite="lax")
    return response


async def _sign_in(request: Request, token: str, following: str = "") -> Response:
    try:
        signed_in = await edge.write(sessions.sign_in_with_link, token)
    except NotSignedIn:
        wanted = {"next": following} if following else {}
        return _lead_to(f"{SIGN_IN_PAGE}?{urlencode({'error': 'link', **wanted})}")
    before = web.session_token(request.headers.get("cookie", ""))
    if before:
        await edge.write(sessions.sign_out, before)
    response = _lead_to(following or HOME_PAGE)
    response.set_cookie(
        web.cookie_name(),
        signed_in.token,
        max_age=int(sessions.SESSION_LIFE.total_seconds()),
        path="/",
        secure=settings().is_https,
        httponly=True,
        samesite="lax",
    )
    return response


def _lead_to(path: str) -> Response:
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})
