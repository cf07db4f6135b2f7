"""API keys of the workspace."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.v1.rows import KeyId, Rows, faults
from app.core import edge
from app.models import Role
from app.services import keys
from app.services.contract import Moment

router = APIRouter(tags=["keys"])


class KeyRequest(BaseModel):
    """A key to make."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=keys.MAX_NAME_LENGTH)
    role: Role = Role.EDITOR


class KeyMade(BaseModel):
    """A key just made. The secret is shown only here."""

    id: str
    secret: str


class KeyView(BaseModel):
    """A key in a list."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    prefix: str = Field(description="The first letters of the secret.")
    role: Role
    created_at: Moment
    last_used_at: Moment | None
    revoked_at: Moment | None


@router.post("/keys", status_code=201, responses=faults())
async def create_key(wanted: KeyRequest, actor: Caller, response: Response) -> KeyMade:
    """Make a key; keep the secret, it is not shown again."""
    made = await edge.write(keys.create, actor, wanted.name, role=wanted.role)
    response.headers["cache-control"] = "no-store"
    return KeyMade(id=made.id, secret=made.secret)


@router.get("/keys", responses=faults())
async def list_keys(actor: Caller) -> Rows[KeyView]:
    """List the workspace's keys, newest first, revoked ones too."""
    return Rows(rows=[KeyView.model_validate(row) for row in await edge.read(keys.rows, actor)])


@router.delete("/keys/{key_id}", status_code=204, responses=faults(404))
async def revoke_key(key_id: KeyId, actor: Caller) -> None:
    """Make a key worthless from now on. Safe to repeat."""
    await edge.write(keys.revoke, actor, key_id)
