"""A session as the page sees it: plain data, with every number also as people read it."""

from typing import Any

from graphophone.codec.prose import sentence
from graphophone.graph.model import Graph
from graphophone.processors import ALL_SPECS
from graphophone.spec import DEPTH, GAIN, SOURCES, Param, ProcessorSpec
from graphophone.studio.editing import open_ends
from graphophone.studio.patch import Patch
from graphophone.studio.readings import Readings
from graphophone.studio.session import Session
from graphophone.studio.signals import Signal
from graphophone.studio.sounding import blendable, sounding


def state(session: Session) -> dict[str, Any]:
    """Return all that changes."""
    with session.lock:
        library, job = session.library, session.jobs.job
        view: dict[str, Any] = {
            "version": session.version,
            "rate": library.rate,
            "job": None if job is None else job.to_json(),
            "reference": signal(library.reference),
            "take": [
                {"source": name, **(signal(track) or {})} for name, track in library.take.items()
            ],
            "dry": signal(library.mixed),
            "built_in": library.built_in,
            "result": result(session),
            "mishap": mishap(session),
            "graph": None,
        }
        if session.history is not None:
            view |= patch(session.history.patch, session.readings)
            past, future = session.history.past, session.history.future
            view["undo"] = session.history.patch.said if past else None
            view["redo"] = future[-1].said if future else None
        return view


def patch(patch: Patch, readings: Readings) -> dict[str, Any]:
    """Return a patch and what was estimated of it."""
    graph = patch.graph
    sure, loose = readings.confidence, open_ends(graph)
    nodes = []
    for node in graph.nodes:
        spec = ALL_SPECS[node.type]
        other = readings.runner_up(node.id)
        nodes.append(
            {
                "id": node.id,
                "type": node.type,
                "source": node.source,
                "knobs": [
                    {
                        "name": name,
                        "value": value,
                        "text": spec.params[name].text(value),
                        "confidence": sure.get("knobs", {}).get(node.id, {}).get(name),
                    }
                    for name, value in node.params
                ],
                "scale_db": node.scale_db,
                "bypassed": node.id in patch.bypassed,
                "amount": patch.amounts.get(node.id, 1.0),
                "blendable": blendable(node),
                "decision": patch.decisions.get(node.id),
                "confidence": sure.get("nodes", {}).get(node.id),
                "runner_up": other and {"type": other.node.type, "share": other.share},
                "open": loose.get(node.id, []),
            }
        )
    return {
        "graph": {"nodes": nodes, "edges": edges(graph, readings), "energy": graph.energy},
        "amount": patch.amount,
        "solo": patch.solo,
        "declined": [
            {"id": name, "type": kind, "confidence": sure.get("nodes", {}).get(name)}
            for name, decision in patch.decisions.items()
            if decision == "declined" and (kind := readings.type_of(name)) is not None
        ],
        "sentence": sentence(sounding(patch), ALL_SPECS),
        "estimate": {
            "agreement": sure.get("agreement"),
            "task": readings.task,
            "notes": list(readings.notes),
            "readings": [{"sentence": r.sentence, "share": r.share} for r in readings.readings],
        },
    }


def edges(graph: Graph, readings: Readings) -> list[dict[str, Any]]:
    """Return the cables of a graph, with how sure the estimate is of each."""
    known = {(*e["from"], *e["to"]): e["confidence"] for e in readings.confidence.get("edges", [])}
    shown = []
    for e in graph.edges:
        source, target = graph.nodes[e.source], graph.nodes[e.target]
        outlet = ALL_SPECS[source.type].outlet(e.outlet)
        control = outlet is not None and outlet.signal == "control"
        text = DEPTH.text(e.depth) if control else GAIN.text(e.gain_db)
        shown.append(
            {
                "source": source.id,
                "outlet": e.outlet,
                "target": target.id,
                "inlet": e.inlet,
                "signal": "control" if control else "audio",
                "gain_db": e.gain_db,
                "invert": e.invert,
                "depth": e.depth,
                "text": text + (", inverted" if e.invert else ""),
                "confidence": known.get((source.id, e.outlet, target.id, e.inlet)),
            }
        )
    return shown


def result(session: Session) -> dict[str, Any] | None:
    """Return how far the rendering of the patch is."""
    current = session.playing.current
    if current is None:
        return None
    finished = session.playing.finished
    samples = current.total
    if current.going:  # how long the tail is, is known at the end: until then as long as before
        before = finished.total if finished and finished.inputs == current.inputs else 0
        samples = max(current.inputs.samples, before)
    return {
        "number": current.number,
        "done": min(current.done, samples),
        "samples": samples,
        "going": current.going,
        "error": current.error,
        "level_db": finished.result.level_db if finished and finished.result else None,
        "finished": finished.number if finished else None,
    }


def mishap(session: Session) -> dict[str, Any] | None:
    """Return what ended a process of the session last, and how many times that has happened."""
    found = session.playing.mishaps
    return {"number": len(found), "said": found[-1]} if found else None


def signal(signal: Signal | None) -> dict[str, Any] | None:
    """Return what is to be known of a signal."""
    if signal is None:
        return None
    return {
        "name": signal.name,
        "samples": signal.samples,
        "seconds": round(signal.seconds, 3),
        "level_db": signal.level_db,
        "notes": list(signal.notes),
    }


def catalogue() -> dict[str, Any]:
    """Return what nodes and cables there are to work with."""
    return {
        "types": {name: _spec(spec) for name, spec in ALL_SPECS.items()},
        "gain": _param(GAIN),
        "depth": _param(DEPTH),
        "sources": list(SOURCES),
    }


def _spec(spec: ProcessorSpec) -> dict[str, Any]:
    return {
        "group": spec.group,
        "summary": spec.summary,
        "inlets": [
            {"name": i.name, "signal": i.signal, "required": i.required, "knob": i.knob}
            for i in spec.inlets
        ],
        "outlets": [{"name": o.name, "signal": o.signal} for o in spec.outlets],
        "params": {name: _param(param) for name, param in spec.params.items()},
    }


def _param(param: Param) -> dict[str, Any]:
    return {
        **param.to_json(),
        "low_text": param.text(param.low),
        "high_text": param.text(param.high),
    }
