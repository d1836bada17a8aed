"""Pages from templates, with the look and the player that all of them share."""

import json
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files

from graphophone import __version__
from graphophone.report.sound import Clip

PLAY = '<svg viewBox="0 0 24 24"><path d="M7 4l14 8-14 8z"/></svg>'


def filled(page: str, did: str, parts: Mapping[str, str], closing: str = "") -> str:
    """Return a page: a frame that all of them share, around a body of its own.

    What stands between two ``@@`` in either is the name of a part.

    Args:
        page: Name of the body, and of its own style where there is one.
        did: What was done with the file, as a verb.
        parts: What to put in, ready for HTML; ``TITLE``, ``FILE``, ``SENTENCE`` and ``FACTS`` go
            into the frame.
        closing: The last sentence.
    """
    style = files("graphophone.report") / f"{page}.css"
    shared = {
        "LOOK": _file("look.css"),
        "STYLE": style.read_text(encoding="utf-8") if style.is_file() else "",
        "DID": did,
        "BODY": _put(_file(f"{page}.html"), parts),
        "CLOSING": f" {closing}" if closing else "",
        "PLAYER": _file("player.js"),
        "VERSION": escape(__version__),
    }
    return _put(_file("frame.html"), {**parts, **shared})


def _put(template: str, parts: Mapping[str, str]) -> str:
    head, *rest = template.split("@@")
    # Every other piece is a name; nothing that was put in is looked at again.
    pieces = [head]
    for name, tail in zip(rest[::2], rest[1::2], strict=True):
        pieces += [parts[name], tail]
    return "".join(pieces)


def player(clips: Sequence[Clip]) -> str:
    """Return a player whose clips run side by side, one of them heard and seen."""
    longest = max(clip.seconds for clip in clips)
    sounds = [{"seconds": round(c.seconds, 3), "audio": c.audio} for c in clips]
    tabs = "".join(
        f'<button type="button" aria-pressed="false"><kbd>{i}</kbd>{escape(c.name)}'
        f"<small>{escape(c.about)}</small></button>"
        for i, c in enumerate(clips, start=1)
    )
    pictures = "".join(
        f'<img alt="Spectrogram of {escape(c.name.lower())}" src="{c.picture}" '
        f'style="width:{100 * c.seconds / longest:.2f}%">'
        for c in clips
    )
    return (
        '<div class="player">'
        f'<button class="play" type="button" aria-label="Play">{PLAY}</button>'
        f'<div class="tabs" role="group" aria-label="What to hear">{tabs}</div>'
        '<span class="time">0:00</span>'
        '<div class="scope" tabindex="0" role="slider" aria-label="Position" aria-valuemin="0" '
        f'aria-valuenow="0">{pictures}<div class="head" style="left:0"></div></div>'
        f'<script type="application/json" class="sounds">{json.dumps(sounds)}</script></div>'
    )


def _file(name: str) -> str:
    return (files("graphophone.report") / name).read_text(encoding="utf-8")
