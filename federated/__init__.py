"""Federated learning on devices. It has no code yet: see the README, "Not here yet"."""
