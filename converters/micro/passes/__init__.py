"""Passes over the graph before it is lowered, one a file: each a pure function
(graph, isa, optimize) -> Graph that leaves every bit of the model's outputs as it was.
`compiler.PASSES` gives their order.
"""
