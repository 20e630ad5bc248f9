"""Takes TRANSPOSE out of a float model that came from a channels-first framework.

What computes per element or pads runs as well on the untransposed tensor, so each TRANSPOSE is
moved behind it; there it meets its inverse, a mean over the plane, or the flattening before a
fully connected layer, whose weights are put in the other order instead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from edgekit.converters.tflite_editor import Editor

ELEMENTWISE = ("RELU", "RELU6", "RELU_N1_TO_1", "LOGISTIC", "TANH", "HARD_SWISH", "LEAKY_RELU")
MAX_MOVES = 1000
Order = tuple[int, ...]


def remove_transposes(tflite: bytes) -> bytes:
    """The model with every TRANSPOSE gone that can go. The outputs stay the same."""
    editor = Editor(tflite)
    for _ in range(MAX_MOVES):
        if not any(_move(editor, o) for o in editor.operators if editor.kind(o) == "TRANSPOSE"):
            break
    return editor.to_bytes()


def _order(editor: Editor, transpose: Any) -> Order | None:
    """Output axis i of a TRANSPOSE is input axis order[i]; None where that is not constant."""
    values = editor.constant(int(transpose.inputs[1]))
    return None if values is None else tuple(int(v) for v in values)


def _move(editor: Editor, transpose: Any) -> bool:
    """Move, merge or remove one TRANSPOSE; False if it has to stay where it is."""
    order, output = _order(editor, transpose), int(transpose.outputs[0])
    users = editor.users(output)
    if order is None or editor.is_output(output) or not users:
        return False
    if len(users) > 1:
        return _copy_for_each_user(editor, transpose, users)
    user = users[0]
    rules: dict[str, Callable[[Editor, Any, Order, Any], bool]] = {
        "TRANSPOSE": _merge,
        "PAD": _behind_pad,
        "MEAN": _behind_mean,
        "ADD": _behind_add,
        "RESHAPE": _into_weights,
        **dict.fromkeys(ELEMENTWISE, _behind_elementwise),
    }
    rule = rules.get(editor.kind(user))
    if rule is not None and rule(editor, transpose, order, user):
        return True
    return _as_reshape(editor, transpose, order)


def _copy_for_each_user(editor: Editor, transpose: Any, users: list[Any]) -> bool:
    """Several readers: each gets a TRANSPOSE of its own, which then moves on its own."""
    source, order, output = (int(i) for i in (*transpose.inputs, *transpose.outputs))
    place = editor.operators.index(transpose)
    for user in users[1:]:
        copy = editor.add_value(editor.shape(output))
        editor.operators.insert(place, editor.new_operator("TRANSPOSE", [source, order], copy))
        editor.replace_input(user, output, copy)
    return True


def _swap(editor: Editor, transpose: Any, user: Any, shape: Order, order: Order) -> None:
    """Let `user` run first, on the untransposed tensor, into one of `shape`; then transpose that
    by `order` into what `user` wrote before."""
    source, output, result = int(transpose.inputs[0]), transpose.outputs[0], int(user.outputs[0])
    editor.replace_input(user, int(output), source)
    editor.operators.remove(transpose)
    if order == tuple(range(len(order))):
        return
    between = editor.add_value(shape)
    user.outputs = np.array([between])
    axes = editor.add_constant(np.array(order, np.int32))
    after = editor.new_operator("TRANSPOSE", [between, axes], result)
    editor.operators.insert(editor.operators.index(user) + 1, after)


def _before(shape: Order, order: Order) -> Order:
    """The shape that `order` transposes into `shape`."""
    return tuple(shape[order.index(axis)] for axis in range(len(order)))


def _behind_elementwise(editor: Editor, transpose: Any, order: Order, user: Any) -> bool:
    _swap(editor, transpose, user, editor.shape(int(transpose.inputs[0])), order)
    return True


def _behind_pad(editor: Editor, transpose: Any, order: Order, user: Any) -> bool:
    pads = editor.constant(int(user.inputs[1]))
    if pads is None:
        return False
    shape = _before(editor.shape(int(user.outputs[0])), order)
    moved = np.stack([pads[order.index(axis)] for axis in range(len(order))])
    editor.replace_input(user, int(user.inputs[1]), editor.add_constant(moved))
    _swap(editor, transpose, user, shape, order)
    return True


def _behind_mean(editor: Editor, transpose: Any, order: Order, user: Any) -> bool:
    given = editor.constant(int(user.inputs[1]))
    if given is None:
        return False
    reduced = {int(axis) % len(order) for axis in given.ravel()}
    axes = sorted(order[axis] for axis in reduced)
    shape, rest = editor.shape(int(user.outputs[0])), order
    if not user.builtinOptions.keepDims:
        kept = [axis for i, axis in enumerate(order) if i not in reduced]
        rest = tuple(sorted(kept).index(axis) for axis in kept)
    constant = editor.add_constant(np.array(axes, np.int32))
    editor.replace_input(user, int(user.inputs[1]), constant)
    _swap(editor, transpose, user, _before(shape, rest), rest)
    return True


def _behind_add(editor: Editor, transpose: Any, order: Order, user: Any) -> bool:
    """Both inputs must be transposed alike, each for this ADD alone."""
    makers = [o for i in user.inputs for o in editor.operators if int(o.outputs[0]) == int(i)]
    alike = [o for o in makers if editor.kind(o) == "TRANSPOSE" and _order(editor, o) == order]
    sole = all(len(editor.users(int(o.outputs[0]))) == 1 for o in alike)
    if len(alike) != len(user.inputs) or len(alike) != 2 or not sole:
        return False
    other = next(o for o in alike if o is not transpose)
    editor.replace_input(user, int(other.outputs[0]), int(other.inputs[0]))
    editor.operators.remove(other)
    _swap(editor, transpose, user, editor.shape(int(transpose.inputs[0])), order)
    return True


def _merge(editor: Editor, transpose: Any, order: Order, user: Any) -> bool:
    """Two TRANSPOSEs are one, or none."""
    second = _order(editor, user)
    source, output, result = int(transpose.inputs[0]), transpose.outputs[0], int(user.outputs[0])
    if second is None:
        return False
    both = tuple(order[axis] for axis in second)
    if both == tuple(range(len(both))):
        if editor.is_output(result):
            return False
        for reader in editor.users(result):
            editor.replace_input(reader, result, source)
        editor.operators.remove(user)
    else:
        editor.replace_input(user, int(user.inputs[1]), editor.add_constant(np.array(both)))
        editor.replace_input(user, int(output), source)
    editor.operators.remove(transpose)
    return True


def _into_weights(editor: Editor, transpose: Any, order: Order, user: Any) -> bool:
    """TRANSPOSE, RESHAPE to a row, FULLY_CONNECTED: the weights' columns change places."""
    row, source = int(user.outputs[0]), int(transpose.inputs[0])
    readers = editor.users(row)
    shape = editor.shape(int(transpose.outputs[0]))
    if len(readers) != 1 or editor.is_output(row) or editor.kind(readers[0]) != "FULLY_CONNECTED":
        return False
    layer = readers[0]
    weights = editor.constant(int(layer.inputs[1]))
    is_row = shape[0] == 1 and order[0] == 0 and editor.shape(row)[-1] == np.prod(shape)
    if weights is None or int(layer.inputs[0]) != row or not is_row:
        return False
    back = [0, *(1 + order.index(axis) - 1 for axis in range(1, len(order)))]
    cube = weights.reshape(len(weights), *shape[1:]).transpose(back)
    columns = editor.add_constant(np.ascontiguousarray(cube).reshape(weights.shape))
    editor.replace_input(layer, int(layer.inputs[1]), columns)
    editor.replace_input(user, int(transpose.outputs[0]), source)
    editor.operators.remove(transpose)
    return True


def _as_reshape(editor: Editor, transpose: Any, order: Order) -> bool:
    """A TRANSPOSE that moves only axes of length 1 leaves the bytes as they are."""
    shape = editor.shape(int(transpose.inputs[0]))
    moved = [axis for axis in order if shape[axis] > 1]
    if moved != sorted(moved):
        return False
    output = int(transpose.outputs[0])
    sizes = editor.add_constant(np.array(editor.shape(output), np.int32))
    reshape = editor.new_operator("RESHAPE", [int(transpose.inputs[0]), sizes], output)
    editor.operators[editor.operators.index(transpose)] = reshape
    return True
