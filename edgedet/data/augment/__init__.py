"""How a sample is changed: what is shown of it, and how it looks."""
