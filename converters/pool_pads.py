"""Pads of a max pool: PyTorch pads with minus infinity, which int8 cannot hold.

Where the padded tensor is never negative, as behind a ReLU, zero gives the same maximum.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ai_edge_litert.schema_py_generated import ActivationFunctionType

from edgekit.converters.tflite_editor import Editor

LOWEST = -1e30  # minus infinity, or the lowest float32
ACTIVATIONS = (ActivationFunctionType.RELU, ActivationFunctionType.RELU6)
KEEP_SIGN = ("MAX_POOL_2D", "AVERAGE_POOL_2D", "RESHAPE", "TRANSPOSE", "PAD", "MEAN")


def pad_max_pools_with_zero(tflite: bytes) -> bytes:
    """The model with PADV2 before max pools as PAD where that gives the same outputs."""
    editor = Editor(tflite)
    for operator in list(editor.operators):
        if editor.kind(operator) == "PADV2" and _may_be_zero(editor, operator):
            source, pads, output = (int(i) for i in (*operator.inputs[:2], operator.outputs[0]))
            pad = editor.new_operator("PAD", [source, pads], output)
            editor.operators[editor.operators.index(operator)] = pad
    return editor.to_bytes()


def _may_be_zero(editor: Editor, pad: Any) -> bool:
    value = editor.constant(int(pad.inputs[2]))
    users = editor.users(int(pad.outputs[0]))
    pools = bool(users) and all(editor.kind(user) == "MAX_POOL_2D" for user in users)
    lowest = value is not None and bool(np.all(value < LOWEST))
    return lowest and pools and _is_never_negative(editor, int(pad.inputs[0]))


def _is_never_negative(editor: Editor, tensor: int) -> bool:
    makers = [o for o in editor.operators if tensor in [int(i) for i in o.outputs]]
    if not makers:
        return False
    maker = makers[0]
    kind, options = editor.kind(maker), maker.builtinOptions
    if kind in ("RELU", "RELU6", "SOFTMAX", "LOGISTIC"):
        return True
    if getattr(options, "fusedActivationFunction", None) in ACTIVATIONS:
        return True
    return kind in KEEP_SIGN and _is_never_negative(editor, int(maker.inputs[0]))
