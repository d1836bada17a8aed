// What is selected: why it is there, how it is set, and what can be done with it.
import { useEffect, useState } from "react";
import * as api from "./api";
import { edgeId } from "./Canvas";
import { Knob } from "./Knob";
import { attempt, edit, now, player, set, turn, usePart } from "./store";

const PLAIN: api.Param = {
  low: 0, high: 1, default: 1, help: "how much of it is heard", unit: "", taper: "linear", bend: 0,
  inlet: null, step: null, low_text: "0", high_text: "1",
};
/** What people call a node: its source or type, with its id where that says more. */
function called(id: string): string {
  const node = now().state?.graph?.nodes.find((n) => n.id === id);
  const name = (node?.source ?? node?.type ?? id).replaceAll("_", " ");
  return name === id ? name : `${name} ${id}`;
}
const portCalled = (port: string) => { const [id, name] = port.split(" "); return `${called(id)} · ${name}`; };

const percent = (x: number) => `${Math.round(100 * x)}%`;

export function Inspector() {
  const state = usePart((k) => k.state), selection = usePart((k) => k.selection);
  if (!state?.graph) return null;
  const node = selection && "node" in selection ? state.graph.nodes.find((n) => n.id === selection.node) : null;
  const edge = selection && "edge" in selection ? state.graph.edges.find((e) => edgeId(e) === edgeId(selection.edge)) : null;
  return (
    <aside className="inspector" aria-label="Inspector">
      {node ? <OfNode key={node.id} node={node} /> : edge ? <OfEdge key={edgeId(edge)} edge={edge} /> : <OfAll />}
    </aside>
  );
}

function OfAll() {
  const state = usePart((k) => k.state);
  const { estimate, amount, sentence, graph } = state!;
  return (
    <>
      <h2>Whole graph</h2>
      <p className="said">{sentence[0]?.toUpperCase() + sentence.slice(1)}.</p>
      {estimate.agreement != null && (
        <p className="soft">Readings share {percent(estimate.agreement)} of it; heard as {estimate.task === "drums" ? "a drum mix" : "a voice or instrument"}. Confidence is what the model believes, not how often it is right.</p>
      )}
      <Knob turnedAs="amount" name="whole" label="amount" param={PLAIN} shown={percent} value={amount} onTurn={(value) => turn("amount", value, { op: "set_amount", amount: value })} />
      <div className="buttons">
        <button type="button" onClick={() => edit({ op: "accept" })}>Accept all</button>
        <button type="button" onClick={() => edit({ op: "adopt", reading: null })}>Start from nothing</button>
      </div>
      <Decisions />
      <AddNode />
      {estimate.readings.length > 1 && (
        <section>
          <h3>Readings</h3>
          <ul className="readings">
            {estimate.readings.map((r, k) => (
              <li key={k}>
                <button type="button" onClick={() => edit({ op: "adopt", reading: k })} title="Take this reading">{percent(r.share)}</button>
                <span>{r.sentence}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Compare />
      {estimate.notes.length > 0 && <section><h3>Notes</h3><ul className="soft">{estimate.notes.map((n) => <li key={n}>{n}</li>)}</ul></section>}
      <p className="soft">{graph!.nodes.length} nodes, {graph!.edges.length} cables. Click a node or a cable, or reach it with Tab.</p>
    </>
  );
}

/** How far a person is with an estimate: what was decided, what waits. */
function Decisions() {
  const state = usePart((k) => k.state);
  const asked = state!.graph!.nodes.filter(waits), gone = state!.declined;
  if (!asked.length && !gone.length) return null;
  const counts = (["accepted", "swapped"] as const).map((d) => [d, asked.filter((n) => n.decision === d).length] as const);
  const left = asked.filter((n) => !n.decision).length;
  const said = [...counts, ["declined", gone.length] as const].filter(([, n]) => n).map(([d, n]) => `${n} ${d}`);
  return (
    <section>
      <h3>Decisions</h3>
      <p className="soft decisions">{said.length ? `${said.join(", ")}; ` : ""}{left ? `${left} of the estimate's nodes ${left > 1 ? "wait" : "waits"} for you.` : "nothing waits for you."}</p>
      {gone.length > 0 && <p className="soft">Declined: {gone.map((n) => `${n.type.replaceAll("_", " ")} ${n.id}${n.confidence == null ? "" : ` (${percent(n.confidence)})`}`).join(", ")}.</p>}
      {left > 0 && <button type="button" onClick={next}>Next to decide <kbd>N</kbd></button>}
    </section>
  );
}

/** Whether a node is one that a person decides about. */
const waits = (n: api.NodeState) => n.confidence != null && now().catalogue!.types[n.type].group !== "terminal";

/** Select the next node that nothing was decided about. */
export function next(): void {
  const { state, selection } = now();
  const nodes = state?.graph?.nodes ?? [], chosen = selection && "node" in selection ? selection.node : null;
  const after = nodes.findIndex((n) => n.id === chosen) + 1;
  const found = [...nodes.slice(after), ...nodes.slice(0, after)].find((n) => waits(n) && !n.decision && n.id !== chosen);
  if (found) set({ selection: { node: found.id } });
}

function AddNode({ into }: { into?: api.EdgeState }) {
  const catalogue = usePart((k) => k.catalogue);
  const [type, setType] = useState("lowpass");
  const groups = Object.entries(catalogue!.types).filter(([, s]) => s.group !== "terminal")
    .filter(([, s]) => !into || (s.inlets.some((i) => i.signal === "audio") && s.outlets.some((o) => o.signal === "audio")));
  const names = [...new Set(groups.map(([, s]) => s.group))];
  return (
    <form className="line" onSubmit={(e) => {
      e.preventDefault();
      const ends = into && { source: into.source, outlet: into.outlet, target: into.target, inlet: into.inlet };
      void edit({ op: "add", type, into: ends ?? null });
    }}>
      <label>{into ? "Insert" : "Add"}
        <select value={type} onChange={(e) => setType(e.target.value)} aria-label="Processor to add">
          {names.map((g) => (
            <optgroup label={g} key={g}>{groups.filter(([, s]) => s.group === g).map(([n]) => <option key={n} value={n}>{n.replaceAll("_", " ")}</option>)}</optgroup>
          ))}
        </select>
      </label>
      <button type="submit">{into ? "Insert" : "Add"}</button>
    </form>
  );
}

function OfNode({ node }: { node: api.NodeState }) {
  const catalogue = usePart((k) => k.catalogue), state = usePart((k) => k.state);
  const spec = catalogue!.types[node.type], solo = state!.solo === node.id;
  const terminal = spec.group === "terminal";
  return (
    <>
      <h2>{(node.source ?? node.type).replaceAll("_", " ")} <small>{node.id}</small></h2>
      <p className="soft">{spec.summary}</p>
      {node.open.map((sentence) => <p className="warning" key={sentence}>{sentence}: it is not heard yet.</p>)}
      {node.confidence != null && !terminal && (
        <p><span className="bar"><i style={{ width: percent(node.confidence) }} /></span> {percent(node.confidence)} of the readings have it{node.decision ? `; you ${node.decision} it` : ""}.</p>
      )}
      {node.confidence != null && !terminal && (
        <div className="buttons" role="group" aria-label="Decide">
          <button type="button" className="good" aria-pressed={node.decision === "accepted"} onClick={() => edit({ op: "accept", node: node.id })}>Accept</button>
          <button type="button" disabled={!node.runner_up} title={node.runner_up ? `${percent(node.runner_up.share)} of the readings` : "no other reading has something else here"}
            onClick={() => edit({ op: "swap", node: node.id })}>Swap{node.runner_up ? ` for ${node.runner_up.type.replaceAll("_", " ")}` : ""}</button>
          <button type="button" className="bad" onClick={async () => { if (await edit({ op: "decline", node: node.id })) set({ selection: null }); }}>Decline</button>
        </div>
      )}
      {!terminal && (
        <div className="buttons" role="group" aria-label="Listen">
          <button type="button" aria-pressed={node.bypassed} disabled={!node.blendable && spec.group !== "control"} onClick={() => edit({ op: "bypass", node: node.id, on: !node.bypassed })}>Bypass</button>
          <button type="button" aria-pressed={solo} onClick={() => edit({ op: "solo", node: solo ? null : node.id })}>Solo</button>
          <button type="button" onClick={async () => { if (await edit({ op: "remove", node: node.id })) set({ selection: null }); }}>Remove</button>
        </div>
      )}
      {node.blendable && <Knob turnedAs={`${node.id} amount`} name={node.id} label="amount" param={PLAIN} shown={percent} value={node.amount}
        onTurn={(value) => turn(`${node.id} amount`, value, { op: "set_amount", node: node.id, amount: value })} />}
      {node.knobs.map((k) => (
        <Knob key={k.name} turnedAs={`${node.id} ${k.name}`} name={node.id} label={k.name} param={spec.params[k.name]}
          confidence={k.confidence} value={k.value}
          onTurn={(value) => turn(`${node.id} ${k.name}`, value, { op: "set_knob", node: node.id, knob: k.name, value })} />
      ))}
      {node.scale_db != null && <p className="soft">Level kept by {signed(node.scale_db)} dB, measured once on the take.</p>}
      {!terminal && <Why node={node.id} />}
      {spec.outlets.length > 0 && <Wire node={node} />}
    </>
  );
}

/** Connect an outlet without a mouse. */
function Wire({ node }: { node: api.NodeState }) {
  const catalogue = usePart((k) => k.catalogue), state = usePart((k) => k.state);
  const outlets = catalogue!.types[node.type].outlets;
  const [outlet, setOutlet] = useState(outlets[0].name);
  const targets = ports(catalogue!, state!, outlets.find((o) => o.name === outlet)!.signal, node.id);
  const [target, setTarget] = useState("");
  return (
    <form className="line" onSubmit={(e) => {
      e.preventDefault();
      const [to, inlet] = (target || targets[0]).split(" ");
      void edit({ op: "connect", source: node.id, outlet, target: to, inlet });
    }}>
      {outlets.length > 1 && <select aria-label="Outlet" value={outlet} onChange={(e) => setOutlet(e.target.value)}>{outlets.map((o) => <option key={o.name}>{o.name}</option>)}</select>}
      <label>To
        <select aria-label="Connect to" value={target || targets[0]} onChange={(e) => setTarget(e.target.value)}>{targets.map((t) => <option key={t} value={t}>{portCalled(t)}</option>)}</select>
      </label>
      <button type="submit">Connect</button>
    </form>
  );
}

const ports = (catalogue: api.Catalogue, state: api.State, signal: string, not: string) =>
  state.graph!.nodes.filter((n) => n.id !== not).flatMap((n) =>
    catalogue.types[n.type].inlets.filter((i) => i.signal === signal).map((i) => `${n.id} ${i.name}`));

function Why({ node }: { node: string }) {
  const state = usePart((k) => k.state);
  const [found, setFound] = useState<api.Evidence | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => setFound(null), [state!.version]);
  return (
    <section>
      <h3>Why it is there</h3>
      {!found && <button type="button" disabled={busy} onClick={async () => {
        setBusy(true);
        await attempt(async () => { setFound(await api.get<api.Evidence>(`/evidence/${encodeURIComponent(node)}`)); });
        setBusy(false);
      }}>{busy ? "Measuring …" : "Measure what changes without it"}</button>}
      {!found?.needed && (
        <div className="buttons" role="group" aria-label="Hear what changes">
          <button type="button" title="The take with the graph, but without this node: switch between 3 and 4" onClick={() => hear(node, false)}>Hear without</button>
          <button type="button" title="What the node adds and takes away: the sound with it minus the sound without it" onClick={() => hear(node, true)}>Hear difference</button>
        </div>
      )}
      {found?.needed && <p className="soft">It cannot be left out: {found.needed}.</p>}
      {found && !found.needed && (
        <>
          <p className="soft">Without it the level changes by {signed(found.level_db)} dB; the difference, sample by sample, is at {signed(found.residual_db)} dB of the sound with it. By octave:</p>
          <Bands centres={found.centres} rows={[{ name: "without it", values: found.bands }]} />
        </>
      )}
    </section>
  );
}

/** Play what is heard without a node, or what it adds and takes away, beside all else. */
function hear(node: string, difference: boolean): Promise<boolean> {
  return attempt(async () => {
    const { probe } = await api.post<{ probe: api.SignalState }>("/without", { node, difference, start: player.position });
    player.look({ ...probe, name: difference ? `what ${called(node)} does` : `without ${called(node)}` });
    player.choose("probe");
  });
}

const signed = (x: number) => (x < 0 ? `−${Math.abs(x).toFixed(1)}` : `+${x.toFixed(1)}`);

/** Changes by octave, up and down from a line. */
function Bands({ centres, rows, most = 12 }: { centres: number[]; rows: { name: string; values: (number | null)[] }[]; most?: number }) {
  const step = 27, half = 34;
  return (
    <svg className="bands" viewBox={`0 0 ${centres.length * step} ${2 * half + 14}`} role="img"
      aria-label={rows.map((r) => `${r.name}: ${centres.map((c, k) => `${c} Hz ${r.values[k] ?? "nothing"} dB`).join(", ")}`).join("; ")}>
      <line x1="0" x2={centres.length * step} y1={half} y2={half} />
      {centres.map((c, k) => {
        const value = rows[0].values[k];
        const size = value == null ? 0 : Math.max(-half, Math.min(half, (value / most) * half));
        return (
          <g key={c}>
            <rect className={value != null && value < 0 ? "down" : "up"} x={k * step + 5} width={step - 10} y={size < 0 ? half : half - size} height={Math.max(1, Math.abs(size))}>
              <title>{`${c} Hz: ${value == null ? "nothing" : `${signed(value)} dB`}`}</title>
            </rect>
            <text x={k * step + step / 2} y={2 * half + 11}>{c >= 1000 ? `${c / 1000}k` : Math.round(c)}</text>
          </g>
        );
      })}
    </svg>
  );
}

function Compare() {
  const state = usePart((k) => k.state);
  const [found, setFound] = useState<api.Measures | null>(null);
  useEffect(() => setFound(null), [state!.version]);
  const gap = found?.reference && found.result && compared(found.result.bands, found.reference.bands);
  return (
    <section>
      <h3>Result beside reference</h3>
      {!found && <button type="button" onClick={() => attempt(async () => { setFound(await api.get<api.Measures>("/measures")); })}>Measure</button>}
      {found && (
        <table>
          <thead><tr><th /><th>loudness</th><th>side/mid</th></tr></thead>
          <tbody>
            {(["reference", "dry", "result"] as const).map((name) => found[name] && (
              <tr key={name}><th>{name}</th><td>{found[name].lufs == null ? "–" : `${found[name].lufs} LUFS`}</td><td>{found[name].width_db == null ? "–" : `${found[name].width_db} dB`}</td></tr>
            ))}
          </tbody>
        </table>
      )}
      {gap && <><p className="soft">Octaves of the result above or below the reference's, both equally loud.</p><Bands centres={found!.centres} rows={[{ name: "result", values: gap }]} /></>}
    </section>
  );
}

function compared(a: number[], b: number[]): number[] {
  const power = (bands: number[]) => 10 * Math.log10(bands.reduce((sum, x) => sum + 10 ** (x / 10), 0));
  const shift = power(a) - power(b);
  return a.map((x, k) => (Math.max(x, b[k]) < -90 ? 0 : Math.round(10 * (x - b[k] - shift)) / 10));
}

function OfEdge({ edge }: { edge: api.EdgeState }) {
  const catalogue = usePart((k) => k.catalogue), state = usePart((k) => k.state);
  const control = edge.signal === "control", id = edgeId(edge);
  const ends = { source: edge.source, outlet: edge.outlet, target: edge.target, inlet: edge.inlet };
  const name = control ? "depth" : "gain";
  const param = control ? catalogue!.depth : catalogue!.gain;
  const value = control ? edge.depth : edge.gain_db;
  const targets = ports(catalogue!, state!, edge.signal, edge.source);
  const here = `${edge.target} ${edge.inlet}`;
  const [target, setTarget] = useState(here);
  return (
    <>
      <h2>{control ? "Control" : "Audio"} cable</h2>
      <p className="soft">{called(edge.source)} · {edge.outlet} → {called(edge.target)} · {edge.inlet}</p>
      {edge.confidence != null && <p><span className="bar"><i style={{ width: percent(edge.confidence) }} /></span> {percent(edge.confidence)} of the readings have it.</p>}
      <Knob turnedAs={id} name="cable" label={name} param={param} value={value}
        onTurn={(v) => turn(id, v, { op: "set_cable", ...ends, ...(control ? { depth: v } : { gain_db: v }) })} />
      <div className="buttons">
        {!control && <button type="button" aria-pressed={edge.invert} onClick={() => edit({ op: "set_cable", ...ends, invert: !edge.invert })}>Invert</button>}
        <button type="button" onClick={async () => { if (await edit({ op: "disconnect", ...ends })) set({ selection: null }); }}>Remove cable</button>
      </div>
      <form className="line" onSubmit={async (e) => {
        e.preventDefault();
        const [to, inlet] = target.split(" ");
        const moved = { ...ends, target: to, inlet };
        if (await edit({ op: "rewire", cable: ends, to: moved })) set({ selection: { edge: moved } });
      }}>
        <label>Lead to
          <select aria-label="Lead to" value={target} onChange={(e) => setTarget(e.target.value)}>{targets.map((t) => <option key={t} value={t}>{portCalled(t)}</option>)}</select>
        </label>
        <button type="submit" disabled={target === here}>Rewire</button>
      </form>
      {!control && <AddNode into={edge} />}
      <section>
        <h3>The signal here</h3>
        <button type="button" onClick={() => attempt(async () => {
          const { probe } = await api.post<{ probe: api.SignalState }>("/probe", { node: edge.source, outlet: edge.outlet, start: player.position });
          player.look({ ...probe, name: `${called(edge.source)} · ${edge.outlet}` });
          player.choose("probe");
        })}>Look and listen</button>
        <p className="soft">It appears below as “Probe”{control ? ", as the values that move the knob" : ""}; of a long take, the minute around the playhead.</p>
      </section>
    </>
  );
}
