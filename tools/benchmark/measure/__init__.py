"""Runs the workloads and prints one table; tools/bench starts it."""
