"""An account at the broker's listener for tests, where it may play any device."""

TESTER = "_tester"
ACCOUNTS = {TESTER: ("topic readwrite #",)}
