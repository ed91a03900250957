"""Generators and critics, built from a Config."""
