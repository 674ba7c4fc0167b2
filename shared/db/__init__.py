"""PostgreSQL: the engine, the fence, the ledger, the inbox, the outbox, rows in batches."""
