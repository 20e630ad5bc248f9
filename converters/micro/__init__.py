"""The micro compiler: `.tflite` to `Graph`, passes, a memory plan, and C."""
