"""Differential item functioning."""
