"""Pages of referrals: what friends bought with customers' codes."""
