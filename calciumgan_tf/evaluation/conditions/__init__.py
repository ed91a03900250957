"""Conditions: whether generated neurons respond to stimuli and behaviour as the recorded ones do."""
