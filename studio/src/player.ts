// Reference, take and result side by side: every sample of each has one place in time, so that
// switching is a matter of gains. Pieces are fetched a little ahead and dropped when they are over,
// so memory does not grow with the length of a song.
import * as api from "./api";

export const TRACKS = ["reference", "dry", "result", "probe"] as const;
export type Track = (typeof TRACKS)[number];

const PIECE = 0.5, AHEAD = 1.5, VOICE_PIECE = 0.2, VOICE_AHEAD = 0.6;
const FADE = 0.012; // seconds of a switch
const LEAD = 0.03; // seconds from an answer to where a new voice is heard

interface Source { path: (start: number, count: number) => string; piece: number; ahead: number }

/** One run of pieces, one after the other, into a gain of its own. */
class Run {
  readonly gain: GainNode;
  private nodes = new Set<AudioBufferSourceNode>();
  private stopped = false;
  private abort = new AbortController();
  next: number;

  constructor(readonly player: Player, into: AudioNode, readonly source: Source, start: number) {
    this.gain = player.context!.createGain();
    this.gain.connect(into);
    this.next = start;
  }

  async fetch(seconds: number): Promise<Float32Array> {
    const count = Math.round(seconds * this.player.rate);
    return api.floats(this.source.path(this.next, count), this.abort.signal);
  }

  /** Let a piece sound where it belongs; what is late is left out. */
  place(samples: Float32Array): number {
    const { context, rate } = this.player, count = samples.length / 2;
    if (!context || !count || this.stopped) return 0;
    const buffer = context.createBuffer(2, count, rate);
    const left = buffer.getChannelData(0), right = buffer.getChannelData(1);
    for (let i = 0; i < count; i++) { left[i] = samples[2 * i]; right[i] = samples[2 * i + 1]; }
    const node = context.createBufferSource();
    node.buffer = buffer;
    node.connect(this.gain);
    const when = this.player.timeOf(this.next);
    const soonest = Math.ceil((context.currentTime + 0.005) * rate) / rate;
    if (when >= soonest) node.start(when);
    else if (soonest - when < count / rate) node.start(soonest, soonest - when);
    this.nodes.add(node);
    node.onended = () => { this.nodes.delete(node); node.disconnect(); };
    this.next += count;
    return Math.max(when, soonest);
  }

  async go(): Promise<void> {
    while (!this.stopped) {
      const lead = this.player.timeOf(this.next) - this.player.context!.currentTime;
      if (lead > this.source.ahead) { await pause(60); continue; }
      let samples: Float32Array;
      try {
        samples = await this.fetch(this.source.piece);
      } catch (error) {
        if ((error as Error).name === "AbortError" || this.stopped) return;
        this.player.lost(error as Error);
        void this.player.revive(this);
        return;
      }
      if (!samples.length) return;
      this.place(samples);
    }
  }

  end(when = 0): void {
    this.stopped = true;
    this.abort.abort();
    const { context } = this.player;
    if (context && when <= context.currentTime) this.gain.gain.setTargetAtTime(0, context.currentTime, FADE / 3); // no click
    const wait = Math.max(0, when - (context?.currentTime ?? 0)) * 1000;
    setTimeout(() => {
      this.nodes.forEach((node) => { node.onended = null; try { node.stop(); } catch { /* over */ } });
      this.gain.disconnect();
    }, wait + 50);
  }
}

const pause = (ms: number) => new Promise((rest) => setTimeout(rest, ms));

export class Player {
  context: AudioContext | null = null;
  output: GainNode | null = null;
  rate = 44100;
  playing = false;
  current: Track = "result";
  matched = true;
  /** What plays again and again, in samples. */
  loop: { from: number; to: number } | null = null;
  /** Milliseconds from the last turn of a knob to where it was heard. */
  latency: number | null = null;
  private state: api.State | null = null;
  private probe: api.SignalState | null = null;
  private buses = new Map<Track, GainNode>();
  private runs = new Map<Track, Run>();
  private began = 0;
  private from = 0;
  private followed = 0;

  private reviving = false;

  /** Told of whatever changes, and when a process of the server seems to be gone. */
  constructor(private readonly changed: () => void, private readonly failed: () => void) {}

  know(state: api.State): void {
    const rate = state.rate ?? 44100;
    if (this.rate !== rate) { this.pause(); this.close(); this.rate = rate; }
    const first = this.state === null || (this.state.graph === null) !== (state.graph === null);
    this.state = state;
    if (first && !this.playing) this.current = state.graph ? "result" : state.reference ? "reference" : "dry";
    this.level();
  }

  look(probe: api.SignalState | null): void {
    this.probe = probe;
    this.looked += 1;
    void this.restart();
  }

  /** What the probe shows, and a number that tells one from the next. */
  get probed(): string { return this.probe?.name ?? ""; }
  looked = 0;

  repeat(loop: { from: number; to: number } | null): void { this.loop = loop; this.changed(); }

  samples(track: Track): number {
    const s = this.state;
    if (!s) return 0;
    if (track === "result") return s.result && !s.result.error ? s.result.samples : 0;
    return (track === "probe" ? this.probe : s[track])?.samples ?? 0;
  }

  get length(): number { return Math.max(...TRACKS.map((t) => this.samples(t)), 0); }

  get position(): number {
    if (!this.playing || !this.context) return this.from;
    return Math.min(this.length, Math.max(this.from, this.from + Math.floor((this.context.currentTime - this.began) * this.rate)));
  }

  timeOf(sample: number): number { return this.began + (sample - this.from) / this.rate; }

  choose(track: Track): void {
    if (!this.samples(track)) return;
    this.current = track;
    this.level();
    this.changed();
  }

  match(on: boolean): void { this.matched = on; this.level(); this.changed(); }

  async toggle(): Promise<void> { if (this.playing) this.pause(); else await this.play(); }

  async play(): Promise<void> {
    if (this.playing || !this.length) return;
    this.open();
    await this.context!.resume();
    if (this.loop && (this.from < this.loop.from || this.from >= this.loop.to)) this.from = this.loop.from;
    if (this.from >= this.length - 1) this.from = 0;
    this.playing = true;
    const pieces: Promise<[Run, Float32Array]>[] = [];
    this.began = Infinity;
    for (const track of TRACKS) {
      if (!this.samples(track)) continue;
      const run = new Run(this, this.buses.get(track)!, await this.source(track), this.from);
      this.runs.set(track, run);
      pieces.push(run.fetch(run.source.piece).then((samples) => [run, samples]));
    }
    const there = await Promise.all(pieces.map((p) => p.catch((error) => { this.lost(error); return null; })));
    if (!this.playing) return;
    this.began = Math.ceil((this.context!.currentTime + 0.03) * this.rate) / this.rate;
    for (const pair of there) {
      if (!pair) continue;
      pair[0].place(pair[1]);
      void pair[0].go();
    }
    this.level();
    this.changed();
    void this.watch();
  }

  pause(): void {
    if (!this.playing) return;
    const at = this.position;
    this.playing = false;
    this.from = at;
    this.runs.forEach((run) => run.end());
    this.runs.clear();
    this.changed();
  }

  async seek(sample: number): Promise<void> {
    const was = this.playing;
    this.pause();
    this.from = Math.round(Math.min(Math.max(0, sample), Math.max(0, this.length - 1)));
    this.changed();
    if (was) await this.play();
  }

  /** A sample that is about to be heard, if anything is. */
  soon(): number | null {
    return this.playing && this.runs.has("result") ? this.position + Math.round(LEAD * this.rate) : null;
  }

  /** The graph was edited: go on from the playhead with what it is now. */
  async follow(when: number, voice: number, start: number): Promise<void> {
    const mine = ++this.followed;
    const old = this.runs.get("result");
    if (!this.playing || !this.context) return;
    try {
      const run = new Run(this, this.buses.get("result")!, this.ofVoice(voice), start);
      run.gain.gain.value = 0;
      const samples = await run.fetch(VOICE_PIECE);
      if (!this.playing || mine !== this.followed && this.runs.get("result") !== old) { run.end(); return; }
      const heard = run.place(samples);
      run.gain.gain.setValueAtTime(0, heard);
      run.gain.gain.linearRampToValueAtTime(1, heard + FADE);
      if (old) {
        old.gain.gain.setValueAtTime(1, heard);
        old.gain.gain.linearRampToValueAtTime(0, heard + FADE);
        old.end(heard + FADE);
      }
      this.runs.set("result", run);
      this.latency = performance.now() - when + (heard - this.context.currentTime) * 1000;
      void run.go();
    } catch (error) {
      this.lost(error as Error);
    }
  }

  /** What rendered a voice is gone: another begins at the playhead as soon as it can. */
  async revive(run: Run): Promise<void> {
    const gone = () => !this.playing || this.runs.get("result") !== run;
    if (this.reviving || gone()) return;
    this.reviving = true;
    this.failed();
    for (let tries = 0; tries < 40 && !gone(); tries++) {
      try {
        const start = this.position + Math.round(LEAD * this.rate);
        const { voice } = await api.post<{ voice: number }>("/voices", { start });
        await this.follow(performance.now(), voice, start);
      } catch { /* not there yet */ }
      if (!gone()) await pause(250);
    }
    this.reviving = false;
  }

  lost(error: Error): void {
    if (error.name !== "AbortError") console.warn(error.message);
  }

  private async restart(): Promise<void> { if (this.playing) { this.pause(); await this.play(); } }

  private async voice(start: number): Promise<Source> {
    return this.ofVoice((await api.post<{ voice: number }>("/voices", { start })).voice);
  }

  private ofVoice(voice: number): Source {
    return {
      path: (from, count) => `/voices/${voice}?start=${from}&count=${count}`,
      piece: VOICE_PIECE, ahead: VOICE_AHEAD,
    };
  }

  private async source(track: Track): Promise<Source> {
    const result = this.state?.result;
    if (track === "result" && result?.going) return this.voice(this.from);
    const number = track === "result" && result ? `&number=${result.number}` : "";
    return {
      path: (start, count) => `/samples/${track}?start=${start}&count=${count}${number}`,
      piece: PIECE, ahead: AHEAD,
    };
  }

  private open(): void {
    if (this.context) return;
    this.context = new AudioContext({ sampleRate: this.rate, latencyHint: "interactive" });
    this.output = this.context.createGain();
    this.output.connect(this.context.destination);
    for (const track of TRACKS) {
      const bus = this.context.createGain();
      bus.gain.value = 0;
      bus.connect(this.output);
      this.buses.set(track, bus);
    }
    this.level();
  }

  private close(): void {
    void this.context?.close();
    this.context = null;
    this.buses.clear();
  }

  private levels(): Partial<Record<Track, number>> {
    const s = this.state, found: Partial<Record<Track, number>> = {};
    if (!s) return found;
    for (const track of TRACKS) {
      const level = track === "result" ? s.result?.level_db : track === "probe" ? this.probe?.level_db : s[track]?.level_db;
      if (typeof level === "number" && this.samples(track)) found[track] = level;
    }
    return found;
  }

  /** Decibels that a track is turned down by; all are then as loud as the quietest. */
  trim(track: Track): number {
    const levels = this.levels(), own = levels[track];
    if (!this.matched || own === undefined) return 0;
    return Math.max(-60, Math.min(...Object.values(levels)) - own);
  }

  private level(): void {
    if (!this.context) return;
    const start = this.context.currentTime;
    for (const [track, bus] of this.buses) {
      const wanted = track === this.current ? 10 ** (this.trim(track) / 20) : 0;
      bus.gain.cancelScheduledValues(start);
      bus.gain.setTargetAtTime(wanted, start, FADE / 3);
    }
  }

  private async watch(): Promise<void> {
    while (this.playing) {
      if (this.loop && this.position >= this.loop.to) { void this.seek(this.loop.from); return; }
      if (this.position >= this.length - 1) { this.pause(); this.from = 0; }
      this.changed();
      await pause(50);
    }
  }
}
