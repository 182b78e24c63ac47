"""What a model file holds and costs: its operators, size, memory and time on this device."""
