"""The patterns that texts may have: an anchored row of characters and classes, perhaps repeated.

A run whose length may vary must not share a character with what can follow it. Then a text can be
matched from left to right without ever going back, which is what text_shape.hpp does.
"""

UNBOUNDED = 2**32 - 1


class PatternError(ValueError):
    pass


class Run:
    def __init__(self, characters, least, most):
        self.characters = frozenset(characters)
        self.least = least
        self.most = most

    def masks(self):
        bits = sum(1 << ord(c) for c in self.characters)
        return bits & (2**64 - 1), bits >> 64


def parse(pattern):
    if not (pattern.startswith("^") and pattern.endswith("$")):
        raise PatternError("a pattern begins with ^ and ends with $")
    rest = pattern[1:-1]
    runs = []
    while rest:
        characters, rest = _characters(rest)
        least, most, rest = _repetition(rest)
        runs.append(Run(characters, least, most))
    for i, run in enumerate(runs):
        if run.least != run.most:
            _refuse_overlap(run, runs[i + 1 :])
    return runs


def _refuse_overlap(run, following):
    for other in following:
        if run.characters & other.characters:
            raise PatternError("what follows a run of varying length may not share its characters")
        if other.least > 0:
            return


def _characters(rest):
    if rest[0] == "\\":
        return rest[1], rest[2:]
    if rest[0] == "[":
        end = rest.index("]")
        return _class(rest[1:end]), rest[end + 1 :]
    if rest[0] in "().|*+?{}^$":
        raise PatternError(f"{rest[0]!r} is not supported")
    return rest[0], rest[1:]


def _class(inside):
    if inside.startswith("^") or "\\" in inside:
        raise PatternError("neither negated classes nor escapes within them are supported")
    characters = set()
    i = 0
    while i < len(inside):
        if i + 2 < len(inside) and inside[i + 1] == "-":
            characters.update(chr(c) for c in range(ord(inside[i]), ord(inside[i + 2]) + 1))
            i += 3
        else:
            characters.add(inside[i])
            i += 1
    return characters


def _repetition(rest):
    simple = {"+": (1, UNBOUNDED), "*": (0, UNBOUNDED), "?": (0, 1)}
    if rest[:1] in simple:
        return *simple[rest[0]], rest[1:]
    if rest.startswith("{"):
        end = rest.index("}")
        least, _, most = rest[1:end].partition(",")
        if "," not in rest[1:end]:
            most = least
        return int(least), int(most) if most else UNBOUNDED, rest[end + 1 :]
    return 1, 1, rest
