"""What generated windows have in common with a recording, question by question, each with a verdict.

A question is a row of the table. Most rows compare a statistic: `statistic.py` says how one is defined, a file of its
own holds each, `distance.py` compares two sets of windows by it, and `diagnosis.py` puts all rows together.
"""
