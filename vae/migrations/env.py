"""How Alembic runs the revisions: in the transaction of `vae.database` that opens the database."""

from alembic import context

from vae.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
