"""The paper's experiments, from nothing to tables and figures."""
