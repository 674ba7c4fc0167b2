from sqlalchemy import MetaData

from shared.db.migrate import run_env
from shared.db.revision import RUNTIME_VERSION
from shared.db.tables import NAMING, runtime_tables

metadata = MetaData(naming_convention=NAMING)
runtime_tables(metadata)
run_env(metadata, RUNTIME_VERSION)
