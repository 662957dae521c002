"""Who a visitor is: an id in a signed cookie, and whether they have given the teacher's token.

The cookie is ID.ROLE.SIGNATURE in hexadecimal, ROLE being empty or derived from the teacher's
token, so that another token makes visitors of all teachers. The key is `secret.key` in the home
folder, so all servers that share that folder accept each other's cookies.
"""

import hashlib
import hmac
import re
import secrets
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from vae import settings
from vae.errors import VAELabError, os_error_message
from vae.public.rates import RateLimit
from vae.storage import atomic_write, registry_lock

_KEY_BYTES, _ID_CHARACTERS = 32, 32
_USER = "u"
"""What the id of a user begins with."""

_FORM = re.compile(r"([0-9a-f]{32}|u[0-9a-f]{31})\.((?:[0-9a-f]{32})?)\.([0-9a-f]{64})", re.ASCII)

_ATTEMPTS = RateLimit(5, seconds=60)
"""Of a visitor, to type the teacher's token."""

_ALL_ATTEMPTS = RateLimit(300, seconds=60)
"""Of all visitors of this process: one who gets a new id for each attempt is slowed down, but
cannot lock the teacher out with a few.
"""


class Visitor(NamedTuple):
    """A visitor.

    Attributes:
        id: 32 hexadecimal characters, the first of which is `u` for a user who has logged in;
            empty outside of public mode.
        teacher: whether they see and change everything.
    """

    id: str = ""
    teacher: bool = False

    @property
    def is_user(self) -> bool:
        """Whether this is a user, whose cookie is of effect only while they are logged in."""
        return self.id.startswith(_USER)


EVERYONE = Visitor(teacher=True)
"""Any visitor of a server that is not public: all may do everything."""


def new() -> Visitor:
    """A visitor who has not been here before."""
    return Visitor(secrets.token_hex(_ID_CHARACTERS // 2))


def of_user(issuer: str, subject: str) -> Visitor:
    """The visitor who has logged in as this user of this provider of identities."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return Visitor(f"{_USER}{digest}"[:_ID_CHARACTERS])


def cookie(visitor: Visitor) -> str:
    """The value of the visitor's cookie.

    Raises:
        VAELabError: if the key cannot be read or made.
    """
    signed = f"{visitor.id}.{_role() if visitor.teacher else ''}"
    return f"{signed}.{_signature(signed)}"


def read(text: str) -> Visitor | None:
    """The visitor who has this cookie; None if this server did not write it.

    Raises:
        VAELabError: if the key cannot be read or made.
    """
    found = _FORM.fullmatch(text)
    if not found:
        return None
    visitor_id, role, signature = found.groups()
    if not hmac.compare_digest(signature, _signature(f"{visitor_id}.{role}")):
        return None
    return Visitor(visitor_id, bool(role) and hmac.compare_digest(role, _role()))


def cookie_name(https: bool) -> str:
    """The name of the cookie: another one for each key, since all ports of a host share cookies.

    Args:
        https: whether the page came by HTTPS. Then browsers take the cookie from this host alone,
            not from another one of its domain.

    Raises:
        VAELabError: if the key cannot be read or made.
    """
    return f"{'__Host-' if https else ''}vae_visitor_{_hash('name')[:8]}"


def has_teacher() -> bool:
    """Whether the server has a teacher's token that is long enough to be of use."""
    return len(settings.teacher_token()) >= settings.MIN_TOKEN


def is_token(typed: str, visitor: Visitor) -> bool:
    """Whether what the visitor has typed is the teacher's token.

    Raises:
        QuotaError: after too many attempts.
    """
    refusal = "Too many attempts. Wait a minute, then type the token again."
    _ATTEMPTS.count(refusal, visitor.id)
    _ALL_ATTEMPTS.count(refusal)
    token = settings.teacher_token()
    return has_teacher() and hmac.compare_digest(typed.encode(), token.encode())


def _role() -> str:
    """What stands for the teacher's token in a cookie; if there is no token, no cookie has it."""
    token = settings.teacher_token() if has_teacher() else secrets.token_hex()
    return _hash(f"teacher {token}")[:_ID_CHARACTERS]


def _signature(text: str) -> str:
    return _hash(f"visitor {text}")


def _hash(text: str) -> str:
    return hmac.new(_key(settings.HOME), text.encode(), hashlib.sha256).hexdigest()


@lru_cache(maxsize=16)
def _key(home: Path) -> bytes:
    path = home / "secret.key"
    try:
        with registry_lock():
            if not path.exists():
                atomic_write(path, secrets.token_bytes(_KEY_BYTES), mode=0o600)
            key = path.read_bytes()
    except OSError as error:
        raise VAELabError(os_error_message(f"{path.name} cannot be read", error)) from error
    if len(key) != _KEY_BYTES:
        raise VAELabError(f"{path.name} is damaged: it must have {_KEY_BYTES} bytes; delete it.")
    return key
