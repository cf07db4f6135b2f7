"""Tenants and the people in them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, id_field, moment_field


class Role(StrEnum):
    """What a member may do, from most to least."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


class OperatorRole(StrEnum):
    """What a person may do with the installation as a whole, across workspaces."""

    READ = "read"
    STEER = "steer"


class Workspace(SQLModel, table=True):
    """A tenant."""

    id: str = id_field()
    name: str
    plan: str = "embedded"
    created_at: datetime = created_field()


class User(SQLModel, table=True):
    """A person."""

    id: str = id_field()
    name: str
    email: str | None = Field(default=None, unique=True)
    password_hash: str | None = None
    operator: OperatorRole | None = Field(default=None, sa_type=String)
    """None for all but those who run this installation."""
    created_at: datetime = created_field()


class Member(SQLModel, table=True):
    """A person in a workspace."""

    __table_args__ = (UniqueConstraint("workspace_id", "user_id"),)

    id: str = id_field()
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    role: Role = Field(sa_type=String)
    created_at: datetime = created_field()


class LoginSession(SQLModel, table=True):
    """A signed-in browser. The cookie holds the token, the row only its hash."""

    __tablename__ = "login_session"

    id: str = id_field()
    token_hash: str = Field(unique=True)
    user_id: str = Field(foreign_key="user.id", index=True)
    workspace_id: str = Field(foreign_key="workspace.id")
    created_at: datetime = created_field()
    expires_at: datetime = moment_field()
    ended_at: datetime | None = moment_field()


class WelcomeLink(SQLModel, table=True):
    """The link that a start prints: whoever opens it is signed in."""

    __tablename__ = "welcome_link"

    id: str = id_field()
    token_hash: str = Field(unique=True)
    user_id: str = Field(foreign_key="user.id")
    workspace_id: str = Field(foreign_key="workspace.id")
    created_at: datetime = created_field()
    expires_at: datetime = moment_field()


class ApiKey(SQLModel, table=True):
    """A key for scripts: shown once, stored as a hash."""

    __tablename__ = "api_key"

    id: str = id_field()
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    user_id: str = Field(foreign_key="user.id")
    name: str
    prefix: str
    token_hash: str = Field(unique=True)
    role: Role = Field(sa_type=String)
    made_by_key_id: str | None = None
    """The key that made this one; it dies with it. None when a person made it."""
    created_at: datetime = created_field()
    last_used_at: datetime | None = moment_field()
    revoked_at: datetime | None = moment_field()
