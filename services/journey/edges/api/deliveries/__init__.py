"""What shops sent that could not be done."""
