"""`playcaller backtest risk`: the service's risk over anybody's history, in process, without servers."""
