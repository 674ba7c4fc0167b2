"""What was refused, judged again."""
