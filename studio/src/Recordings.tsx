// Where work begins: give a recording, perhaps a take or stems, and let it be heard; or load a graph.
import { useState } from "react";
import * as api from "./api";
import { attempt, give, useKnown } from "./store";

export function Recordings() {
  const { state, catalogue } = useKnown();
  const [task, setTask] = useState("auto");
  const [source, setSource] = useState("");
  if (!state) return null;
  const job = state.job, busy = !!job?.going;
  return (
    <div className="recordings">
      {!state.graph && <h1>Hear a sound, get its patch.</h1>}
      <div className="drops">
        <Drop role="reference" title="Reference" about="the processed recording to listen to" there={state.reference?.name} />
        <Drop role="take" source={source} title="Take" there={state.built_in ? undefined : state.take.map((t) => (t.source ? `${t.source}: ${t.name}` : t.name)).join(", ")}
          about="a recording of your own, the dry file, or stems; without one, a built-in voice or kit" >
          <label className="soft">stem of <select value={source} aria-label="Stem" onChange={(e) => setSource(e.target.value)}>
            <option value="">no stem, a whole take</option>
            {catalogue?.sources.map((s) => <option key={s}>{s}</option>)}
          </select></label>
        </Drop>
        <Drop title="Graph" about="a graph as JSON, instead of an estimate" accept=".json,application/json"
          onFile={(file) => attempt(async () => { await api.post("/graph", { text: await file.text() }); })} />
      </div>
      <div className="line">
        <label>Listen for <select value={task} onChange={(e) => setTask(e.target.value)} aria-label="Listen for">
          <option value="auto">whatever it is</option><option value="singing">a voice or instrument</option><option value="drums">a drum mix</option>
        </select></label>
        <button type="button" className="primary" disabled={busy || !state.reference} onClick={() => void attempt(async () => { await api.post("/estimate", { task }); })}>Estimate</button>
      </div>
      {job?.going && (
        <div className="job" role="status">
          <progress max={job.total} value={job.done} /> {job.kind}: {job.stage} {job.total > 1 ? `${job.done} of ${job.total}` : ""}
        </div>
      )}
    </div>
  );
}

interface DropProps {
  role?: string; source?: string; title: string; about: string; there?: string; accept?: string;
  onFile?: (file: File) => Promise<unknown>; children?: React.ReactNode;
}

function Drop({ role = "", source = "", title, about, there, accept = "audio/*,.wav,.flac,.aiff,.aif,.mp3,.ogg,.m4a", onFile, children }: DropProps) {
  const [over, setOver] = useState(false);
  const take = async (files: FileList | null) => {
    for (const file of files ?? []) await (onFile ? onFile(file) : give(role, file, source));
  };
  return (
    <div className={`drop${over ? " over" : ""}${there ? " there" : ""}`}
      onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
      onDrop={(e) => { e.preventDefault(); setOver(false); void take(e.dataTransfer.files); }}>
      <label className="file"><b>{title}</b><span className="soft">{there || about}</span>
        <span className="button">Choose a file</span>
        <input type="file" accept={accept} aria-label={title} onChange={(e) => { void take(e.target.files).then(() => { e.target.value = ""; }); }} />
      </label>
      {children}
    </div>
  );
}
