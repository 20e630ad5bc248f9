"""One TFLite op a file, named as the op: how it is read, checked and lowered to a C kernel.

Each module holds `CODE` (TFLite's builtin operator code), `OPTIONS` (the fields of its options
table: name -> (slot, type, default)) and `lower(op, graph) -> Layer`.
"""
