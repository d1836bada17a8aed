// The sounds of a page: loaded once, then switched, looped and stopped by the mixer in its own thread.

/** Shortest loop in seconds. */
export const SHORTEST = 0.5;

export class Player {
  /** @param {() => void} changed called when anything that is shown has changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {AudioContext | null} */
    this.context = null;
    /** @type {AudioWorkletNode | null} */
    this.node = null;
    this.rate = 0;
    this.samples = 0;
    this.playing = false;
    this.current = 0;
    this.position = 0;
    this.start = 0;
    this.end = 0;
    /** @type {Float32Array[][]} */
    this.tracks = [];
  }

  /**
   * @param {number} rate samples a second
   * @param {Float32Array[]} sounds interleaved, the open reference first
   */
  async load(rate, sounds) {
    if (this.rate !== rate) {
      await this.context?.close();
      this.context = new AudioContext({ sampleRate: rate, latencyHint: "interactive" });
      await this.context.audioWorklet.addModule(new URL("./mixer.js", import.meta.url));
      this.node = new AudioWorkletNode(this.context, "mixer", { numberOfInputs: 0, outputChannelCount: [2] });
      this.node.port.onmessage = ({ data }) => { this.position = data; };
      this.node.connect(this.context.destination);
      this.rate = rate;
    }
    this.tracks = sounds.map((sound) => {
      const left = new Float32Array(sound.length / 2), right = new Float32Array(sound.length / 2);
      for (let i = 0; i < left.length; i++) { left[i] = sound[2 * i]; right[i] = sound[2 * i + 1]; }
      return [left, right];
    });
    this.samples = this.end = this.tracks[0][0].length;
    this.start = this.position = this.current = 0;
    this.playing = false;
    this.tell("load", this.tracks);
    this.changed();
  }

  /** @param {string} call @param {unknown[]} given */
  tell(call, ...given) { this.node?.port.postMessage({ call, given }); }

  async play() {
    await this.context?.resume(); // a browser lets nothing sound before somebody has pressed something
    this.playing = true;
    this.tell("play");
    this.changed();
  }

  pause() {
    this.playing = false;
    this.tell("pause");
    this.changed();
  }

  async toggle() { if (this.playing) this.pause(); else await this.play(); }

  stop() {
    this.playing = false;
    this.tell("stop");
    this.changed();
  }

  /** @param {number} index 0 is the reference */
  choose(index) {
    this.current = index;
    this.tell("choose", index);
    this.changed();
  }

  /** @param {number} position in samples */
  seek(position) {
    this.tell("seek", Math.round(Math.min(Math.max(position, this.start), this.end - 1)));
  }

  /** Set one end of the loop, as near as the other end lets it. @param {"start" | "end"} which @param {number} position */
  bound(which, position) {
    const least = Math.min(this.samples, Math.round(SHORTEST * this.rate));
    if (which === "start") this.start = Math.round(Math.min(Math.max(0, position), this.end - least));
    else this.end = Math.round(Math.max(Math.min(this.samples, position), this.start + least));
    this.tell("loop", this.start, this.end);
    this.changed();
  }
}
