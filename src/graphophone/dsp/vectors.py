"""Neighbouring lanes in one processor register, inside compiled kernels.

A compiler turns a loop over lanes into vector instructions only where it can prove much and
expects many turns, so few lanes of a filter with many coefficients are left scalar. Here the
kernel says it itself: a :class:`Vector` holds a few lanes, mostly in double precision, and the
body of a recurrence is compiled once for each of a few widths, which together make any number of
lanes::

    lane = 0
    for like in literal_unroll((zeros(8), zeros(4), zeros(2), zeros(1))):
        lane = body(lane, like, ...)  # takes groups as wide as ``like``; returns what it left

The same operations in the same order run at every width, so a lane has the same bits in any
company.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic, lower_builtin, models, register_model, type_callable

PRECISIONS = {types.float32: ir.FloatType(), types.float64: ir.DoubleType()}
"""What LLVM calls the elements that a vector may have."""

REGISTER_BITS = 256
"""Of a vector that may begin anywhere in memory: wider ones would often lie across cache lines."""

INDEX = ir.IntType(32)
OPERATORS: dict[Any, str] = {
    operator.add: "fadd",
    operator.sub: "fsub",
    operator.mul: "fmul",
    operator.truediv: "fdiv",
}


def inside(*, literal: bool = False) -> Callable[[Callable[..., Any]], Any]:
    """Make a function for kernels alone; they call it without its first argument.

    Args:
        literal: Whether it wants to know numbers that are written in the kernel.
    """
    return lambda function: intrinsic(prefer_literal=literal)(function)


class Vector(types.Type):
    """Some lanes as a compiled kernel sees them; it has no counterpart in Python."""

    def __init__(self, lanes: int, element: Any = types.float64) -> None:
        self.width, self.element = lanes, element
        super().__init__(f"Vector({lanes}, {element})")


@register_model(Vector)
class _Register(models.PrimitiveModel):
    """A vector is what the processor calls one."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, _ir_of(kind))  # type: ignore[no-untyped-call]


def _ir_of(kind: Vector) -> Any:
    return ir.VectorType(PRECISIONS[kind.element], kind.width)


def _zero(context: Any, builder: Any, signature: Any, values: Any) -> Any:
    return ir.Constant(_ir_of(signature.return_type), None)


@inside(literal=True)
def zeros(_: Any, lanes: Any) -> Any:
    """Return a vector of as many ``lanes``, a literal, in double precision, at zero."""
    return Vector(lanes.literal_value)(lanes), _zero


@inside()
def register(_: Any, array: Any) -> Any:
    """Return a vector in the precision of an array, of :data:`REGISTER_BITS` in all, at zero."""
    lanes = REGISTER_BITS // array.dtype.bitwidth
    return Vector(lanes, array.dtype)(array), _zero


@inside()
def pair(_: Any, array: Any) -> Any:
    """Return a vector of two lanes in the precision of an array, at zero."""
    return Vector(2, array.dtype)(array), _zero


@inside()
def width(_: Any, like: Any) -> Any:
    """Return how many lanes a vector has."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return context.get_constant(types.intp, signature.args[0].width)

    return types.intp(like), generate


@inside()
def load(_: Any, array: Any, row: Any, lane: Any, like: Any) -> Any:
    """Return elements of a contiguous array (rows, lanes), as many as ``like`` has."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = signature.return_type
        pointer, align = _address(context, builder, signature.args[0], values, kind.width)
        value = builder.load(pointer, align=align)
        return _converted(builder, value, signature.args[0].dtype, kind.element, _ir_of(kind))

    return (like(array, types.intp, types.intp, like), generate) if _of_floats(array) else None


@inside()
def store(_: Any, array: Any, row: Any, lane: Any, value: Any) -> Any:
    """Write a vector into a contiguous array (rows, lanes), in the array's precision."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        vector = signature.args[3]
        pointer, align = _address(context, builder, signature.args[0], values, vector.width)
        wanted = signature.args[0].dtype
        kind = ir.VectorType(PRECISIONS[wanted], vector.width)
        value = _converted(builder, values[3], vector.element, wanted, kind)
        builder.store(value, pointer, align=align)
        return context.get_dummy_value()

    signature = types.void(array, types.intp, types.intp, value)
    return (signature, generate) if _of_floats(array) else None


@inside()
def fetch(_: Any, array: Any, row: Any, lane: Any) -> Any:
    """Ask for what lies around an element of an array (rows, lanes); it may be past the end.

    Memory that is not read in its own order comes late, as no processor foresees it.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer, _ = _address(context, builder, signature.args[0], values, 1)
        byte = builder.bitcast(pointer, ir.IntType(8).as_pointer())
        # To read, to be kept in every cache, data: see "llvm.prefetch" in LLVM's manual.
        how = [ir.Constant(INDEX, number) for number in (0, 3, 1)]
        shape = ir.FunctionType(ir.VoidType(), [byte.type, INDEX, INDEX, INDEX])
        name = "llvm.prefetch.p0i8"  # newer versions rename it themselves
        called = get_or_insert_function(builder.module, shape, name)  # type: ignore[no-untyped-call]
        builder.call(called, [byte, *how])
        return context.get_dummy_value()

    return (types.void(array, types.intp, types.intp), generate) if _of_floats(array) else None


@inside()
def fused(_: Any, a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c`` of vectors or of numbers, rounded once wherever the processor can.

    A compiler may contract a product and a sum or not, as the code around them suggests; this
    is the same wherever it stands. Numbers are taken in double precision.
    """
    if isinstance(a, Vector):
        result: Any = a
        name = f"llvm.fmuladd.v{a.width}f{a.element.bitwidth}"
        fits = a == b == c
    else:
        result, name = types.float64, "llvm.fmuladd.f64"
        fits = all(isinstance(x, types.Number) for x in (a, b, c))

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        terms = [
            value if kind == result else context.cast(builder, value, kind, result)
            for value, kind in zip(values, signature.args, strict=True)
        ]
        shape = ir.FunctionType(terms[0].type, [terms[0].type] * 3)
        called = get_or_insert_function(builder.module, shape, name)  # type: ignore[no-untyped-call]
        return builder.call(called, terms)

    return (result(a, b, c), generate) if fits else None


@inside()
def larger(_: Any, a: Any, b: Any) -> Any:
    """Return the larger one of two vectors in each lane."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *values), *values)

    return (a(a, b), generate) if isinstance(a, Vector) and a == b else None


@inside()
def audible(_: Any, value: Any, least: Any) -> Any:
    """Return a vector with zeros where another is smaller than a number, whatever its sign."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        bound = _spread(context, builder, values[1], least, value)
        below = builder.fcmp_ordered("<", values[0], bound)
        above = builder.fcmp_ordered("<", builder.fneg(values[0]), bound)
        nothing = ir.Constant(_ir_of(value), None)
        return builder.select(builder.and_(below, above), nothing, values[0])

    is_right = isinstance(value, Vector) and isinstance(least, types.Number)
    return (value(value, least), generate) if is_right else None


@inside(literal=True)
def later(_: Any, value: Any, lanes: Any) -> Any:
    """Return a vector whose elements are some ``lanes``, a literal, further on, after zeros."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = values[0].type
        moved = [max(0, kind.count + i - lanes.literal_value) for i in range(kind.count)]
        chosen = ir.Constant(ir.VectorType(INDEX, kind.count), moved)
        return builder.shuffle_vector(ir.Constant(kind, None), values[0], chosen)

    return (value(value, lanes), generate) if isinstance(value, Vector) else None


@inside()
def last(_: Any, value: Any) -> Any:
    """Return a vector whose elements are all the last one of another."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = values[0].type
        chosen = ir.Constant(ir.VectorType(INDEX, kind.count), [kind.count - 1] * kind.count)
        return builder.shuffle_vector(values[0], ir.Constant(kind, None), chosen)

    return (value(value), generate) if isinstance(value, Vector) else None


@inside()
def first(_: Any, value: Any) -> Any:
    """Return the first element of a vector, a number."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.extract_element(values[0], ir.Constant(INDEX, 0))

    return (value.element(value), generate) if isinstance(value, Vector) else None


def _converted(builder: Any, value: Any, has: Any, wanted: Any, kind: Any) -> Any:
    """Return a vector in another precision."""
    if has == wanted:
        return value
    return (builder.fpext if wanted == types.float64 else builder.fptrunc)(value, kind)


def _of_floats(array: Any) -> bool:
    """Whether this is a contiguous array of rows that vectors can be read from."""
    contiguous = isinstance(array, types.Array) and array.layout == "C" and array.ndim == 2
    return contiguous and array.dtype in types.real_domain


def _address(context: Any, builder: Any, kind: Any, values: Any, lanes: int) -> tuple[Any, int]:
    """Return a pointer to a vector in an array, and the bytes it is aligned to."""
    array = context.make_array(kind)(context, builder, values[0])
    across = builder.extract_value(array.shape, 1)
    at = builder.gep(array.data, [builder.add(builder.mul(values[1], across), values[2])])
    vector = ir.VectorType(context.get_data_type(kind.dtype), lanes)
    return builder.bitcast(at, vector.as_pointer()), kind.dtype.bitwidth // 8


def _arithmetic(symbol: Any, instruction: str) -> None:
    """Let an operator join vectors of one width, or a vector and a number."""

    @type_callable(symbol)
    def kind_of(_: Any) -> Callable[[Any, Any], Any]:
        def typer(a: Any, b: Any) -> Any:
            vector = a if isinstance(a, Vector) else b
            if isinstance(vector, Vector) and all(
                x == vector or isinstance(x, types.Number) for x in (a, b)
            ):
                return vector
            return None

        return typer

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pairs = zip(values, signature.args, strict=True)
        vector = signature.return_type
        spread = [_spread(context, builder, value, kind, vector) for value, kind in pairs]
        return getattr(builder, instruction)(*spread)

    for kinds in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
        lower_builtin(symbol, *kinds)(generate)  # type: ignore[no-untyped-call]


def _spread(context: Any, builder: Any, value: Any, kind: Any, vector: Vector) -> Any:
    """Return a number in every lane; a vector as it is."""
    if isinstance(kind, Vector):
        return value
    number = context.cast(builder, value, kind, vector.element)
    undefined = ir.Constant(_ir_of(vector), ir.Undefined)
    one = builder.insert_element(undefined, number, ir.Constant(INDEX, 0))
    everywhere = ir.Constant(ir.VectorType(INDEX, vector.width), [0] * vector.width)
    return builder.shuffle_vector(one, undefined, everywhere)


for _symbol, _instruction in OPERATORS.items():
    _arithmetic(_symbol, _instruction)
