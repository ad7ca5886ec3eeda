"""How Alembic reaches the database. The program hands a connection over; a developer names a database:

alembic -x database=sqlite:///scratch.db revision --autogenerate -m "what changes"
"""

from sqlalchemy import Connection

from alembic import context
from monitor.store.engine import Database
from monitor.store.tables import metadata


def migrate(connection: Connection) -> None:
    # SQLite cannot ALTER most things: batch mode copies the table
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="",
    )
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    connection = context.config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    database = Database(context.get_x_argument(as_dictionary=True)["database"], writer=True)
    with database.migrating_engine().begin() as own:
        migrate(own)
    database.close()


main()
