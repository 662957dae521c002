"""The tables as they were at first: a new database has those of `vae.database`, of any revision."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """There is nothing before it."""
