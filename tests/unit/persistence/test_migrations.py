from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from alembic import command
from service.domain.analysis import EncodedObject, ObjectKind
from service.domain.identifiers import new_job_id
from service.errors import OutOfResources, StateError
from service.persistence import migrations
from service.persistence.migrations import alembic_configuration, migrate, migrations_folder
from service.persistence.session import Database, make_engine
from service.persistence.spool import Spool
from service.persistence.tables import Table
from tests.fakes import receive

OUR_TABLES = {"jobs", "deliveries", "films"}
SEG = EncodedObject(ObjectKind.SEG, "1.2.840.10008.5.1.4.1.1.66.4", "2.25.1", Path("seg.dcm"))


def tables_of(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def test_the_migrated_schema_is_that_of_the_tables(database_url: str) -> None:
    engine = make_engine(database_url)

    with engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, Table.metadata)

    assert differences == []
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)

    test_the_migrated_schema_is_that_of_the_tables(database_url)


def test_several_processes_may_migrate_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [url] * 3))

    engine = make_engine(url)
    assert tables_of(engine) == OUR_TABLES
    engine.dispose()


@pytest.mark.peer
def test_several_hosts_may_migrate_one_postgresql_at_once(postgresql_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [postgresql_url] * 3))

    engine = make_engine(postgresql_url)
    assert tables_of(engine) == OUR_TABLES
    engine.dispose()


def test_every_migration_can_be_undone_and_done_again(database_url: str) -> None:
    engine, configuration = make_engine(database_url), alembic_configuration()

    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, "base")
    assert tables_of(engine) == set()
    migrate(database_url)

    assert tables_of(engine) == OUR_TABLES
    engine.dispose()


def test_a_delivery_of_the_first_version_survives_and_says_nothing_of_what_was_sent(
    database: Database, database_url: str, spool: Spool
) -> None:
    engine, configuration = make_engine(database_url), alembic_configuration()
    with database.unit() as unit:
        job_id = new_job_id()
        unit.jobs.add(job_id, receive(spool))
        unit.deliveries.add(job_id, "pacs", (SEG,))

    for way, revision in ((command.downgrade, "0001"), (command.upgrade, "head")):
        with engine.begin() as connection:
            configuration.attributes["connection"] = connection
            way(configuration, revision)

    with database.reading() as unit:
        (kept,) = unit.deliveries.of_job(job_id)
    assert (kept.kind, kept.sop_instance_uid, kept.sent) == ("seg", "2.25.1", None)
    engine.dispose()


def test_a_migration_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    engine = make_engine(url)
    with engine.begin() as connection:  # in the way of the second table
        connection.exec_driver_sql("CREATE TABLE deliveries (id INTEGER)")

    with pytest.raises(OutOfResources):
        migrate(url)

    assert tables_of(engine) == {"deliveries"}
    engine.dispose()


def test_a_database_that_does_not_answer_is_out_of_resources() -> None:
    with pytest.raises(OutOfResources):
        migrate("postgresql://thorax@127.0.0.1:1/thorax")


def test_the_migrations_of_a_source_checkout_are_found() -> None:
    assert (migrations_folder() / "versions").is_dir()


def test_missing_migrations_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # An installation without its data files cannot be had otherwise.
    monkeypatch.setattr(migrations, "_PLACES", (tmp_path,))

    with pytest.raises(StateError) as raised:
        migrations_folder()
    assert raised.value.code == "no_migrations"


def test_the_folder_of_migrations_does_not_shadow_the_library() -> None:
    assert not (migrations_folder() / "__init__.py").exists()
