"""Who a visitor is, by the id in a signed cookie, and who is a teacher.

The cookie is ID.SIGNATURE. Its key is `secret.key` in the home folder, so all servers that share
that folder accept each other's cookies. Teachers are kept in `teachers.json` beside it, so that a
teacher who leaves has left in every tab, browser and server.
"""

import hashlib
import hmac
import json
import secrets
import time
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

from vae import settings
from vae.database import writing
from vae.errors import QuotaError, VAELabError, os_error_message
from vae.public import rates
from vae.storage import atomic_write

_KEY_BYTES, _ID_CHARACTERS = 32, 32
_TEACHER_SECONDS = 12 * 3600
"""For how long a visitor who has typed the token is a teacher."""


class Visitor(NamedTuple):
    """A visitor.

    Attributes:
        id: 32 hexadecimal characters; empty outside of public mode.
        teacher: whether they see and change everything.
        network: from which they come, `vae.public.rates.network`; empty for this machine.
    """

    id: str = ""
    teacher: bool = False
    network: str = ""


EVERYONE = Visitor(teacher=True)
"""Any visitor of a server that is not public: all may do everything."""


def new_id() -> str:
    """The id of a visitor who has not been here before."""
    return secrets.token_hex(_ID_CHARACTERS // 2)


def user_id(issuer: str, subject: str) -> str:
    """The id of the visitor who has logged in as this user of this provider of identities."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:_ID_CHARACTERS]


def cookie(visitor_id: str) -> str:
    """The value of the visitor's cookie.

    Raises:
        VAELabError: if the key cannot be read or made.
    """
    return _signer("visitor").sign(visitor_id).decode()


def read(text: str) -> str | None:
    """The id of the visitor who has this cookie; None if this server did not write it.

    Raises:
        VAELabError: if the key cannot be read or made.
    """
    try:
        return _signer("visitor").unsign(text).decode()
    except BadSignature:
        return None


def cookie_name(https: bool) -> str:
    """The name of the cookie: another one for each key, since all ports of a host share cookies.

    Args:
        https: whether the page came by HTTPS. Then browsers take the cookie from this host alone,
            not from another one of its domain.

    Raises:
        VAELabError: if the key cannot be read or made.
    """
    key_id = hashlib.sha256(_key(settings.HOME)).hexdigest()[:8]
    return f"{'__Host-' if https else ''}vae_visitor_{key_id}"


def visitor(visitor_id: str, address: str = "") -> Visitor:
    """The visitor with that id who comes from that address, and whether they are a teacher now."""
    teacher = _teachers().get(visitor_id, 0) > time.time()
    return Visitor(visitor_id, teacher, rates.network(address))


def has_teacher() -> bool:
    """Whether the server has a teacher's token that is long enough to be of use."""
    return len(settings.teacher_token()) >= settings.MIN_TOKEN


def is_token(typed: str, visitor: Visitor) -> bool:
    """Whether what the visitor has typed is the teacher's token.

    Raises:
        QuotaError: after too many attempts.
    """
    # One who gets a new id for each attempt is slowed down, and cannot lock out other networks.
    if not (
        rates.is_allowed("5/minute", "attempts of a visitor", visitor.id)
        and rates.is_allowed("60/minute", "attempts of a network", visitor.network)
        and rates.is_allowed("300/minute", "attempts")
    ):
        raise QuotaError("Too many attempts. Wait a minute, then type the token again.")
    token = settings.teacher_token()
    return has_teacher() and hmac.compare_digest(typed.encode(), token.encode())


def set_teacher(visitor_id: str, teacher: bool) -> None:
    """Give a visitor the teacher's rights for twelve hours, or take them away.

    Raises:
        OSError: if that cannot be written.
    """
    mark = _token_mark()  # May make the key.
    with writing():
        until = {who: end for who, end in _teachers().items() if end > time.time()}
        until.pop(visitor_id, None)
        if teacher:
            until[visitor_id] = time.time() + _TEACHER_SECONDS
        kept = json.dumps({"token": mark, "until": until})
        atomic_write(settings.HOME / "teachers.json", kept, mode=0o600)


def _teachers() -> dict[str, float]:
    """Until when visitors are teachers; another token ends that of all."""
    try:
        kept = json.loads((settings.HOME / "teachers.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return kept["until"] if has_teacher() and kept["token"] == _token_mark() else {}


def _token_mark() -> str:
    """What stands for the teacher's token in the file."""
    return _signer("teacher").get_signature(settings.teacher_token()).decode()


def _signer(purpose: str) -> Signer:
    return Signer(_key(settings.HOME), salt=purpose, digest_method=hashlib.sha256)


@lru_cache(maxsize=16)
def _key(home: Path) -> bytes:
    path = home / "secret.key"
    try:
        with writing():
            if not path.exists():
                atomic_write(path, secrets.token_bytes(_KEY_BYTES), mode=0o600)
            key = path.read_bytes()
    except OSError as error:
        raise VAELabError(os_error_message(f"{path.name} cannot be read", error)) from error
    if len(key) != _KEY_BYTES:
        raise VAELabError(f"{path.name} is damaged: it must have {_KEY_BYTES} bytes; delete it.")
    return key
