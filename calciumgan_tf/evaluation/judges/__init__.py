"""Judges: classifiers that try to tell generated windows from recorded ones, and the features that they are given.

Each file of features turns windows of dF/F into numbers, `judge` classifies them with cross-validation, and `areas`
summarises how well the classes are separated. None of it needs TensorFlow.
"""
