"""Where samples come from: pixels and objects of records, by their number."""
