"""An account at the broker's inner listener for tests that play any device, or ingest itself."""

TESTER = "_tester"
ACCOUNTS = {TESTER: ("topic readwrite #",)}
