"""What every service serves: health, documents, ledger, topics, quarantine, audit, jobs, effects, exports."""
