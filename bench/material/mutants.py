"""Mutants of a source file: small faults, one at a time, that a good test notices.

It changes comparisons, `and` and `or`, `not`, arithmetic, numbers by one (large ones by half), True and False, min and
max, any and all, conditions (negated), what is returned (None), and statements (left out). Declarations are left alone:
annotations, docstrings, `assert`, decorators, the options of a class.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_SMALL = 16
"""Numbers above this are doubled and halved: one second more in two hours would not be a fault."""
_FUNCTIONS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_DECLARING = {
    "AnnAssign": {"annotation"},
    "AsyncFunctionDef": {"returns", "decorator_list"},
    "ClassDef": {"keywords", "decorator_list"},
    "FunctionDef": {"returns", "decorator_list"},
    "arg": {"annotation"},
}
"""The parts of a node that are only declarations."""
_HELD = (ast.Attribute, ast.Subscript)
"""The targets of an assignment that outlive the function; without setting its local names it would hardly run at all."""


class Mutant(NamedTuple):
    """A fault.

    Attributes:
        line: of the source, counted from 1.
        last_line: where the statement or expression that is changed ends.
        change: the change, as text.
        node: the number of the replaced node among those that can be replaced.
        choice: the number of the alternative that replaces it.
    """

    line: int
    last_line: int
    change: str
    node: int
    choice: int


def mutants(source: str) -> list[Mutant]:
    """All mutants of a module, by line."""
    found = [
        Mutant(node.lineno, node.end_lineno or node.lineno, _said(node, new), place, choice)
        for place, node in enumerate(_changeable(ast.parse(source)))
        for choice, new in enumerate(_alternatives(node))
    ]
    return sorted(found)


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module with the fault in it."""
    tree = ast.parse(source)
    old = _changeable(tree)[mutant.node]
    new = list(_alternatives(old))[mutant.choice]
    changed = _Replacement(old, new).visit(tree)
    return ast.fix_missing_locations(changed)  # type: ignore[no-any-return]


class _Replacement(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._old:
            return ast.copy_location(self._new, node)
        return self.generic_visit(node)


def _changeable(tree: ast.AST) -> Sequence[ast.expr | ast.stmt]:
    """The nodes that may be replaced, from the top down."""
    return list(_walked(tree))


def _walked(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    if isinstance(node, ast.Assert) or _is_docstring(node):
        return
    if isinstance(node, ast.expr | ast.stmt):
        yield node
    left_alone = _DECLARING.get(type(node).__name__, set())
    for name, value in ast.iter_fields(node):
        if name not in left_alone:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST):
                    yield from _walked(child)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _said(old: ast.AST, new: ast.AST) -> str:
    after = ast.unparse(new)
    return f"{_short(ast.unparse(old))} -> {'left out' if after == 'pass' else _short(after)}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 70 else f"{line[:67]}..."


def _alternatives(node: ast.AST) -> Iterator[ast.AST]:
    """The possible replacements of a node."""
    match node:
        case ast.Compare():
            yield from _compared(node)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            yield ast.BinOp(left, _ARITHMETIC[type(op)](), right)
        case ast.Constant():
            yield from _near(node.value)
        case ast.Name(id=name) if name in _FUNCTIONS:
            yield ast.Name(_FUNCTIONS[name], ast.Load())
        case ast.IfExp(test=test, body=body, orelse=orelse) if _is_plain(test):
            yield ast.IfExp(_negated(test), body, orelse)
        case ast.stmt():
            yield from _other_statements(node)


def _compared(node: ast.Compare) -> Iterator[ast.AST]:
    for place, op in enumerate(node.ops):
        for other in _COMPARISONS[type(op)]:
            yield ast.Compare(
                node.left, [*node.ops[:place], other(), *node.ops[place + 1 :]], node.comparators
            )


def _near(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value * 2 if abs(value) > _SMALL else value + 1)
        yield ast.Constant(value / 2 if abs(value) > _SMALL else value - 1)


def _other_statements(node: ast.stmt) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test, body=body, orelse=orelse) if _is_plain(test):
            yield ast.If(_negated(test), body, orelse)
        case ast.While(test=test, body=body, orelse=orelse) if _is_plain(test):
            yield ast.While(_negated(test), body, orelse)
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(None)
        case ast.AugAssign(target=target, op=op, value=value):
            if type(op) in _ARITHMETIC:
                yield ast.AugAssign(target, _ARITHMETIC[type(op)](), value)
            yield ast.Pass()
        case ast.Expr() | ast.Raise() | ast.Delete() | ast.Continue() | ast.Break() | ast.Return():
            yield ast.Pass()
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target) if isinstance(target, _HELD):
            yield ast.Pass()


def _is_plain(test: ast.expr) -> bool:
    """Whether no other mutant already negates a condition."""
    return not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant)


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None
