"""What plays do when customers change, when time has come, when somebody outside has answered."""
