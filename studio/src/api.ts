// The server, as the page speaks to it; docs: /api/openapi.json.

export interface Param {
  low: number; high: number; default: number; help: string; unit: string;
  taper: "linear" | "log" | "asinh"; bend: number; inlet: string | null; step: number | null;
  low_text: string; high_text: string;
}
export interface Spec {
  group: string; summary: string;
  inlets: { name: string; signal: string; required: boolean; knob: string | null }[];
  outlets: { name: string; signal: string }[];
  params: Record<string, Param>;
}
export interface Catalogue { types: Record<string, Spec>; gain: Param; depth: Param; sources: string[] }
export interface KnobState { name: string; value: number; text: string; confidence: number | null }
export interface NodeState {
  id: string; type: string; source: string | null; knobs: KnobState[]; scale_db: number | null;
  bypassed: boolean; amount: number; blendable: boolean; decision: string | null;
  confidence: number | null; runner_up: { type: string; share: number } | null; open: string[];
}
export interface Ends { source: string; outlet: string; target: string; inlet: string }
export interface EdgeState extends Ends {
  signal: "audio" | "control"; gain_db: number; invert: boolean; depth: number; text: string;
  confidence: number | null;
}
export interface SignalState { name: string; samples: number; seconds: number; level_db: number | null; notes: string[] }
export interface State {
  version: number; voice?: number | null; rate: number | null;
  job: { kind: string; number: number; stage: string; done: number; total: number; going: boolean; error: string | null; stopped: boolean } | null;
  /** What ended a process of the session last, and how many times that has happened. */
  mishap: { number: number; said: string } | null;
  reference: SignalState | null; dry: SignalState | null; built_in: boolean;
  take: (SignalState & { source: string })[];
  result: { number: number; done: number; samples: number; going: boolean; error: string | null; level_db: number | null; finished: number | null } | null;
  graph: { nodes: NodeState[]; edges: EdgeState[]; energy: string } | null;
  /** Nodes of the estimate that the person wanted gone. */
  declined: { id: string; type: string; confidence: number | null }[];
  amount: number; solo: string | null; sentence: string; undo: string | null; redo: string | null;
  estimate: { agreement: number | null; task: string; notes: string[]; readings: { sentence: string; share: number }[] };
}
export interface Evidence { needed?: string; centres: number[]; bands: (number | null)[]; level_db: number; residual_db: number }
export interface Measured { bands: number[]; lufs: number | null; width_db: number | null }
export interface Measures { centres: number[]; reference: Measured | null; dry: Measured | null; result: Measured | null }

export class Refusal extends Error {
  constructor(message: string, readonly nodes: string[] = []) { super(message); }
}

const token = new URLSearchParams(location.search).get("token") ?? "";
const headers = { Authorization: `Bearer ${token}` };
let session = location.hash.slice(1);

async function checked(answer: Response): Promise<Response> {
  if (answer.ok) return answer;
  let said = `the server answered ${answer.status}`, nodes: string[] = [];
  try {
    const body = await answer.json();
    said = body.error ?? said;
    nodes = body.nodes ?? [];
  } catch { /* no JSON */ }
  throw new Refusal(said, nodes);
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(path, { ...init, headers: { ...headers, ...init.headers } });
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    throw new Refusal("the server does not answer: is the program still running?");
  }
  return checked(answer);
}

const here = (path: string) => `api/sessions/${session}${path}`;

/** Begin a session, or go on with the one that the address names. */
export async function begin(): Promise<State> {
  if (session) {
    try {
      return await get("");
    } catch (error) {
      if (!(error as Error).message.includes("no such session")) throw error;
    }
  }
  session = (await (await ask("api/sessions", { method: "POST" })).json()).session;
  history.replaceState(null, "", `#${session}`);
  return get("");
}

export const catalogue = async (): Promise<Catalogue> => (await ask("api/catalogue")).json();
export interface Format { name: string; title: string; common: boolean }
export const exportsThere = async (): Promise<Format[]> => (await ask("api/exports")).json();

export async function get<T = State>(path: string): Promise<T> {
  return (await ask(here(path))).json();
}

export async function post<T = State>(path: string, body: unknown = {}): Promise<T> {
  const answer = await ask(here(path), {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
  });
  return answer.json();
}

export async function give(role: string, file: File, source = ""): Promise<void> {
  const query = new URLSearchParams({ name: file.name, source });
  await ask(here(`/recordings/${role}?${query}`), { method: "PUT", body: file });
}

/** Samples of a signal or a voice, left and right. */
export async function floats(path: string, signal?: AbortSignal): Promise<Float32Array> {
  const answer = await ask(here(path), { signal });
  return new Float32Array(await answer.arrayBuffer());
}

export async function blob(path: string): Promise<Blob> {
  return (await ask(here(path))).blob();
}

/** A file in a format, its name, and what it does not carry. */
export const exported = (name: string) => file(`/exports/${name}`);

/** The session: the graph that sounds, the estimate, the decisions and the steps. */
export const saved = () => file("/file");

async function file(path: string): Promise<{ file: Blob; name: string; lost: string[] }> {
  const answer = await ask(here(path));
  const called = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "graph";
  return { file: await answer.blob(), name: called, lost: JSON.parse(answer.headers.get("X-Lost") ?? "[]") };
}

/** A file of any size: the server gives long ones in ranges. */
export async function whole(path: string): Promise<Blob> {
  const parts: Blob[] = [];
  for (let from = 0; ;) {
    const answer = await ask(here(path), { headers: from ? { Range: `bytes=${from}-` } : {} });
    const part = await answer.blob();
    parts.push(part);
    from += part.size;
    const size = Number(answer.headers.get("Content-Range")?.split("/")[1] ?? from);
    if (from >= size || !part.size) return new Blob(parts);
  }
}
