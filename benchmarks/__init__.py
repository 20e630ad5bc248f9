"""Benchmark suites as data, the folders of samples they read, and the runner."""
