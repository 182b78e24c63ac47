"""The demo: the whole product on data that it draws itself."""
