// What the page knows, and how it changes: one state from the server, one selection, one message.
import { useSyncExternalStore } from "react";
import * as api from "./api";
import { Player } from "./player";

export type Selection = { node: string } | { edge: api.Ends } | null;

interface Known {
  state: api.State | null;
  catalogue: api.Catalogue | null;
  selection: Selection;
  message: string | null;
  /** What went wrong by itself; it stays until it was read. */
  notice: string | null;
  blamed: string[];
  turning: Record<string, number>;
  tick: number;
}

let known: Known = {
  state: null, catalogue: null, selection: null, message: null, notice: null, blamed: [], turning: {}, tick: 0,
};
const listeners = new Set<() => void>();

export const player = new Player(() => set({ tick: known.tick + 1 }), () => void watch());

export function set(change: Partial<Known>): void {
  known = { ...known, ...change };
  listeners.forEach((tell) => tell());
}

export const now = (): Known => known;

/** A part of what is known; who asks for it is told only when it changes. */
export function usePart<T>(pick: (all: Known) => T): T {
  return useSyncExternalStore((tell) => (listeners.add(tell), () => listeners.delete(tell)), () => pick(known));
}

export function useKnown(): Known {
  return useSyncExternalStore((tell) => (listeners.add(tell), () => listeners.delete(tell)), now);
}

function take(state: api.State): void {
  if (known.state && state.version < known.state.version) return;
  const before = known.state?.graph;
  if (before && state.graph) { // what is as it was keeps its identity, and is not drawn again
    const old = new Map(before.nodes.map((n) => [n.id, n]));
    state.graph.nodes = state.graph.nodes.map((n) => {
      const same = old.get(n.id);
      return same && JSON.stringify(same) === JSON.stringify(n) ? same : n;
    });
    if (JSON.stringify(before) === JSON.stringify(state.graph)) state.graph = before;
  }
  set({ state });
  player.know(state);
}

export function complain(error: unknown): void {
  const refusal = error instanceof api.Refusal ? error : null;
  set({ message: (error as Error).message, blamed: refusal?.nodes ?? [] });
}

export async function attempt(work: () => Promise<api.State | void>): Promise<boolean> {
  try {
    const state = await work();
    set({ message: null, blamed: [] });
    if (state) take(state);
    watch();
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

let watching = false, told = 0, mishaps: number | null = null;
/** Ask how far things are while something goes on. */
export async function watch(): Promise<void> {
  if (watching) return;
  watching = true;
  try {
    for (;;) {
      const state = await api.get("");
      take(state);
      if (state.job?.error && state.job.number > told) {
        told = state.job.number;
        complain(new Error(state.job.error));
      }
      const ended = state.mishap?.number ?? 0;
      if (mishaps !== null && ended > mishaps) set({ notice: state.mishap!.said });
      mishaps = ended; // what happened before this page was there is no news
      if (!state.job?.going && !state.result?.going) break;
      await new Promise((rest) => setTimeout(rest, 250));
    }
  } catch (error) {
    complain(error);
  } finally {
    watching = false;
  }
}

export async function start(): Promise<void> {
  await attempt(async () => {
    const [state, catalogue] = await Promise.all([api.begin(), api.catalogue()]);
    set({ catalogue });
    return state;
  });
}

export type Edit = { op: string } & Record<string, unknown>;

/** Carry out one edit; what sounds follows from the playhead on. */
export async function edit(change: Edit): Promise<boolean> {
  return heard("/edits", change);
}

/** Change what sounds, and go on from the playhead with it. */
async function heard(path: string, body: unknown = {}): Promise<boolean> {
  const when = performance.now(), at = player.soon();
  let voice: number | null | undefined;
  const done = await attempt(async () => {
    const state = await api.post(at === null ? path : `${path}?listen=${at}`, body);
    voice = state.voice;
    return state;
  });
  if (done && at !== null && voice) await player.follow(when, voice, at);
  return done;
}

export async function step(way: "undo" | "redo"): Promise<void> {
  await heard(`/${way}`);
}

const waiting = new Map<string, { change: Edit; key: string; value: number }>();
let sending = false;

/** Turn a knob: shown at once, sent as fast as the server answers, the last value always. */
export async function turn(key: string, value: number, change: Edit): Promise<void> {
  set({ turning: { ...known.turning, [key]: value } });
  waiting.set(key, { change, key, value });
  if (sending) return;
  sending = true;
  while (waiting.size) {
    const [first] = waiting.values();
    waiting.delete(first.key);
    await edit(first.change);
    if (!waiting.has(first.key) && known.turning[first.key] === first.value) {
      const { [first.key]: _, ...rest } = known.turning;
      set({ turning: rest });
    }
  }
  sending = false;
}

/** Give a recording, and wait until it was read: the server reads one at a time. */
export async function give(role: string, file: File, source = ""): Promise<void> {
  if (!await attempt(() => api.give(role, file, source))) return;
  for (;;) {
    const state = await api.get("");
    take(state);
    if (!state.job?.going) return;
    await new Promise((rest) => setTimeout(rest, 150));
  }
}

/** Give stems, each for the source that its name says; what says none is called as its file. */
export async function giveStems(files: File[], sources: string[]): Promise<void> {
  for (const file of files) {
    const name = file.name.toLowerCase();
    await give("take", file, sources.find((s) => name.includes(s)) ?? file.name.replace(/\.[^.]*$/, "").slice(0, 40));
  }
}
