from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from services.chassis.schema.upgrade import upgrade
from services.gateway.tables import METADATA


@pytest.mark.embedded
async def test_migrations_build_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    await upgrade("gateway", f"sqlite:///{tmp_path}/gateway.db")
    engine = create_engine(f"sqlite:///{tmp_path}/gateway.db")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)

    engine.dispose()
    assert differences == []
