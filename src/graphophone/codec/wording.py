"""Phrases, and how they are put together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words for one step or several.

    Attributes:
        text: The words.
        thing: Whether they name a thing ("a long plate") or say what was done ("compressed").
        weight: How much would be missed without them.
        nodes: How many processors they stand for.
    """

    text: str
    thing: bool = False
    weight: int = 2
    nodes: int = 1


def article(words: str) -> str:
    """Put ``a`` or ``an`` before some words."""
    return f"{'an' if words[0] in 'aeio8' else 'a'} {words}"


def words(*parts: str) -> str:
    """Join what is not empty."""
    return " ".join(part for part in parts if part)


def listed(words: list[str]) -> str:
    """Join words: ``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def joined(phrases: list[Phrase]) -> str:
    """Join steps in their order: ``a, then b into c``."""
    text = ""
    for i, spoken in enumerate(phrases):
        last = i == len(phrases) - 1
        into = last and i > 0 and phrases[i - 1].thing and spoken.thing
        second_last = i == len(phrases) - 2 and i > 0 and spoken.thing and phrases[-1].thing
        if i == 0:
            text = spoken.text
        elif into:
            text += f" into {spoken.text}"
        else:
            text += f", then {spoken.text}" if last or second_last else f", {spoken.text}"
    return text


def predicate(phrases: list[Phrase]) -> str:
    """Say what happened to something that has just been named."""
    return f"through {joined(phrases)}" if phrases[0].thing else joined(phrases)


def copy(phrases: list[Phrase]) -> str:
    """Say what runs beside the dry sound."""
    if phrases[0].thing:
        return " into ".join(p.text for p in phrases) if phrases[-1].thing else joined(phrases)
    return f"a copy {joined(phrases).replace(', then ', ' and ')}"
