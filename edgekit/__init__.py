"""edgekit: take a trained model to a device and keep it good there."""

__version__ = "0.1.0"
