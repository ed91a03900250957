"""Whether a synthetic recording can be trusted: what a reviewer asks beyond spike statistics."""
