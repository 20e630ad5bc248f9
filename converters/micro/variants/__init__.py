"""Faster kernels for boards that have what they need, one variant a file.

Each module holds `BASE` (the plain kernel it stands in for), `ISA` (what the board must have) and
`specialise(layer, graph, optimize) -> Layer | None`, None where it does not fit the layer. Of the
variants that fit, the one that needs most of the board is taken.
"""
