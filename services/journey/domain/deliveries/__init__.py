"""What shops and billing systems tell us: deliveries, and what their words mean."""
