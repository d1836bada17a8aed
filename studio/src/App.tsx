import { ReactFlowProvider } from "@xyflow/react";
import { useEffect, useState } from "react";
import * as api from "./api";
import { Canvas } from "./Canvas";
import { Inspector, next } from "./Inspector";
import { Job } from "./Job";
import { Recordings } from "./Recordings";
import { attempt, edit, now, player, set, step, usePart } from "./store";
import { Transport } from "./Transport";
import { TRACKS } from "./player";

export function App() {
  const state = usePart((k) => k.state), message = usePart((k) => k.message), notice = usePart((k) => k.notice);
  useKeys();
  return (
    <ReactFlowProvider>
      <div className="studio">
        <Bar />
        {message && <p className="message" role="alert">{message}<button type="button" aria-label="Close" onClick={() => set({ message: null, blamed: [] })}>×</button></p>}
        {notice && <p className="message" role="alert">{notice[0].toUpperCase() + notice.slice(1)}.<button type="button" aria-label="Close" onClick={() => set({ notice: null })}>×</button></p>}
        <main>
          {state && !state.graph && <Recordings />}
          {state?.graph && <Canvas />}
          {state?.graph && <Inspector />}
          {!state && !message && <p className="soft wait">One moment …</p>}
        </main>
        <Transport />
      </div>
    </ReactFlowProvider>
  );
}

function Bar() {
  const state = usePart((k) => k.state);
  const [targets, setTargets] = useState<api.Format[]>([]);
  const [shown, setShown] = useState(false);
  useEffect(() => { if (state?.graph && !targets.length) void attempt(async () => setTargets(await api.exportsThere())); }, [state?.graph, targets.length]);
  return (
    <header className="top">
      <div className="mark"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M8 16h16" /><circle cx="7" cy="16" r="5" /><circle cx="25" cy="16" r="5" className="two" /></svg><b>Graphophone</b> studio</div>
      {state?.graph && (
        <>
          <div className="buttons" role="group" aria-label="History">
            <button type="button" disabled={!state.undo} title={state.undo ? `Undo: ${state.undo} (Ctrl Z)` : "Nothing to undo"} onClick={() => void step("undo")}>Undo</button>
            <button type="button" disabled={!state.redo} title={state.redo ? `Redo: ${state.redo} (Ctrl Shift Z)` : "Nothing to redo"} onClick={() => void step("redo")}>Redo</button>
          </div>
          <button type="button" aria-expanded={shown} onClick={() => setShown(!shown)}>Recordings</button>
          <button type="button" title="The graph, the estimate, your decisions and the steps back, as a file: give it under Recordings to go on with it" onClick={() => void attempt(async () => { const made = await api.saved(); save(made.file, made.name); })}>Save session</button>
          <div className="buttons" role="group" aria-label="Export">
            {targets.filter((t) => t.common).map((t) => <button type="button" key={t.name} title={`Export: ${t.title}`} onClick={() => void take(t.name)}>{t.title}</button>)}
            <button type="button" disabled={!state.result?.finished} onClick={() => void attempt(async () => save(await api.whole("/audio/result.wav"), "result.wav"))}>result as WAV</button>
            <select aria-label="Export to" value="" onChange={(e) => void take(e.target.value)}>
              <option value="" disabled>more formats</option>
              {targets.filter((t) => !t.common).map((t) => <option key={t.name} value={t.name}>{t.title}</option>)}
            </select>
          </div>
        </>
      )}
      <span className="grow" />
      {state?.graph && <Job />}
      <Keys />
      <Theme />
      {shown && state?.graph && <div className="sheet"><Recordings /></div>}
    </header>
  );
}

/** Export, and say what the format does not carry. */
async function take(format: string): Promise<void> {
  let lost: string[] = [];
  const done = await attempt(async () => {
    const made = await api.exported(format);
    lost = made.lost;
    save(made.file, made.name);
  });
  if (done && lost.length) set({ message: `The file does not carry everything as it is. ${lost.join("; ")}.` });
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function Theme() {
  const [dark, setDark] = useState(() => (localStorage.getItem("dark") ?? String(matchMedia("(prefers-color-scheme: dark)").matches)) === "true");
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    localStorage.setItem("dark", String(dark));
  }, [dark]);
  return <button type="button" aria-pressed={dark} onClick={() => setDark(!dark)}>Dark</button>;
}

const KEYS: [string, string][] = [
  ["Space", "play and pause"], ["1 2 3 4", "reference, dry take, take with graph, probe"], ["L", "equally loud, or as they are"],
  ["← →", "on the waveform: two seconds back or on; Escape ends a loop"], ["N", "next node to decide about"],
  ["A D", "accept or decline the selected node"], ["B S", "bypass it, or hear it alone"], ["Delete", "remove it, or a cable"],
  ["Enter", "on a knob: type a value; on a node or cable: select it"], ["↑ ↓ Shift", "on a knob: turn it, finely"], ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
];

function Keys() {
  const [shown, setShown] = useState(false);
  return (
    <>
      <button type="button" aria-expanded={shown} aria-label="Keys" title="What keys do" onClick={() => setShown(!shown)}>?</button>
      {shown && <dl className="sheet keys" aria-label="What keys do">{KEYS.map(([key, does]) => <div key={key}><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div>)}</dl>}
    </>
  );
}

/** Keys that work everywhere but in fields. */
function useKeys(): void {
  useEffect(() => {
    const press = (e: KeyboardEvent) => {
      const field = (e.target as HTMLElement).closest?.("input, select, textarea");
      if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "z") { e.preventDefault(); void step(e.shiftKey ? "redo" : "undo"); return; }
      if (field || e.ctrlKey || e.metaKey || e.altKey) return;
      const { selection, state } = now();
      const node = selection && "node" in selection ? state?.graph?.nodes.find((n) => n.id === selection.node) : null;
      const key = e.key.toLowerCase();
      if (key === " ") {
        if ((e.target as HTMLElement).closest?.("button")) return;
        e.preventDefault();
        void player.toggle();
      } else if (/^[1-4]$/.test(key)) player.choose(TRACKS[Number(key) - 1]);
      else if (key === "l") player.match(!player.matched);
      else if (key === "n") next();
      else if (key === "escape" && player.loop) player.repeat(null);
      else if (node && key === "b") void edit({ op: "bypass", node: node.id, on: !node.bypassed });
      else if (node && key === "s") void edit({ op: "solo", node: state!.solo === node.id ? null : node.id });
      else if (node && key === "a") void edit({ op: "accept", node: node.id });
      else if (node && key === "d") void edit({ op: "decline", node: node.id });
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}
