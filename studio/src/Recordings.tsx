// Where work begins: give a recording, perhaps a take or stems, and let it be heard; or load a graph.
import { useState } from "react";
import * as api from "./api";
import { Job } from "./Job";
import { attempt, give, giveStems, useKnown } from "./store";

export function Recordings() {
  const { state, catalogue } = useKnown();
  const [task, setTask] = useState("auto");
  const [source, setSource] = useState("");
  const [seconds, setSeconds] = useState(60);
  if (!state) return null;
  const job = state.job, busy = !!job?.going;
  return (
    <div className="recordings">
      {!state.graph && <h1>Hear a sound, get its patch.</h1>}
      <div className="drops">
        <Drop role="reference" title="Reference" about="the processed recording to listen to" there={state.reference?.name} />
        <Drop role="take" source={source} title="Take" stems={source ? undefined : catalogue?.sources} there={state.built_in ? undefined : state.take.map((t) => (t.source ? `${t.source}: ${t.name}` : t.name)).join(", ")}
          about="a recording of your own, the dry file, or stems; without one, a built-in voice or kit" >
          <label className="soft">stem of <select value={source} aria-label="Stem" onChange={(e) => setSource(e.target.value)}>
            <option value="">no stem, a whole take; several files are stems by name</option>
            {catalogue?.sources.map((s) => <option key={s}>{s}</option>)}
          </select></label>
        </Drop>
        <Drop title="Graph" about="a graph as JSON, instead of an estimate; or a session that was saved" accept=".json,application/json"
          onFile={(file) => attempt(async () => { await api.post("/graph", { text: await file.text() }); })} />
      </div>
      <div className="line">
        <label>Listen for <select value={task} onChange={(e) => setTask(e.target.value)} aria-label="Listen for">
          <option value="auto">whatever it is</option><option value="singing">a voice or instrument</option><option value="drums">a drum mix</option>
        </select></label>
        <button type="button" className="primary" disabled={busy || !state.reference} onClick={() => void attempt(async () => { await api.post("/estimate", { task }); })}>Estimate</button>
        <button type="button" disabled={busy} title="A graph that does nothing yet: measure, compare, and decide all yourself" onClick={() => void attempt(async () => { await api.post("/begin"); })}>Start from nothing</button>
      </div>
      <div className="line">
        <span>Is the take the <b>dry recording</b> of the reference?</span>
        <label>Search for <select value={seconds} onChange={(e) => setSeconds(Number(e.target.value))} aria-label="Search for">
          <option value="20">20 seconds</option><option value="60">a minute</option><option value="300">five minutes</option>
        </select></label>
        <button type="button" disabled={busy || !state.reference || !state.take.length || state.built_in}
          title="Search for the graph that turns the dry recording into the reference; better than an estimate, where there is a dry recording"
          onClick={() => void attempt(async () => { await api.post("/fit", { seconds, task }); })}>Fit</button>
      </div>
      {!state.graph && <Job />}
    </div>
  );
}

interface DropProps {
  role?: string; source?: string; title: string; about: string; there?: string; accept?: string;
  /** Sources that stems may be for; several files are taken where it is given. */
  stems?: string[];
  onFile?: (file: File) => Promise<unknown>; children?: React.ReactNode;
}

function Drop({ role = "", source = "", title, about, there, stems, accept = "audio/*,.wav,.flac,.aiff,.aif,.mp3,.ogg,.m4a", onFile, children }: DropProps) {
  const [over, setOver] = useState(false);
  const take = async (files: FileList | null) => {
    if (stems && files && files.length > 1) return giveStems([...files], stems);
    for (const file of files ?? []) await (onFile ? onFile(file) : give(role, file, source));
  };
  return (
    <div className={`drop${over ? " over" : ""}${there ? " there" : ""}`}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); void take(e.dataTransfer.files); }}>
      <label className="file"><b>{title}</b><span className="soft">{there || about}</span>
        <span className="button">Choose a file</span>
        <input type="file" accept={accept} multiple={!!stems} aria-label={title} onChange={(e) => { void take(e.target.files).then(() => { e.target.value = ""; }); }} />
      </label>
      {children}
    </div>
  );
}
