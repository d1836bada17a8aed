// What goes on in the background: how far it is, and a way to give it up.
import * as api from "./api";
import { attempt, usePart } from "./store";

export function Job() {
  const job = usePart((k) => k.state?.job);
  if (!job?.going) return null;
  return (
    <div className="job" role="status">
      <progress max={job.total} value={job.done} aria-label={job.kind} />
      <span>{job.kind}: {job.stage} {job.total > 1 ? `${job.done} of ${job.total}` : ""}</span>
      <button type="button" onClick={() => void attempt(() => api.post("/stop"))}>Stop</button>
    </div>
  );
}
