"""Where things are; NumPy on the device, Keras in training, from one source."""
