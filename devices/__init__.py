"""Boards, the firmware built for them, emulators, links and flashers."""
