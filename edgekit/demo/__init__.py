"""The demo: handwritten digits from training to a virtual microcontroller."""
