"""Sessions: whether anything shows where one was put together, and what lasts longer than a window."""
