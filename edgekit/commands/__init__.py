"""One verb a file. Each is a thin call of the library function of the same name."""

JOURNEY = (
    "demo",
    "convert",
    "inspect",
    "build",
    "flash",
    "bench",
    "devices",
    "boards",
    "ops",
    "doctor",
)
