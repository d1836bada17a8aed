// What sounds, sample by sample. All sounds of a page run side by side from one position, so that a
// switch is a matter of gains, and nothing begins or ends but through a fade of half a cosine.

/** Seconds of every fade. */
export const FADE = 0.005;

export class Mixer {
  /** @param {number} rate samples a second */
  constructor(rate) {
    this.length = Math.max(1, Math.round(FADE * rate));
    /** Gain by samples since the fade began. */
    this.ramp = Float64Array.from({ length: this.length + 1 }, (_, i) => 0.5 - 0.5 * Math.cos((Math.PI * i) / this.length));
    /** @type {Float32Array[][]} left and right of each sound */
    this.tracks = [];
    this.samples = 0;
    this.start = 0;
    this.end = 0;
    this.position = 0;
    this.going = false;
    /** @type {number | null} where to go on from once it is silent */
    this.jump = null;
    /** How far in the fade from silence. */
    this.level = 0;
    /** @type {number[]} gains of all sounds where the last switch began */
    this.from = [];
    /** @type {number[]} and where it leads */
    this.to = [];
    this.faded = this.length;
  }

  /** @param {Float32Array[][]} tracks left and right of each, all of one length */
  load(tracks) {
    this.tracks = tracks;
    this.samples = tracks[0][0].length;
    this.start = this.position = 0;
    this.end = this.samples;
    this.going = false;
    this.jump = null;
    this.level = 0;
    this.from = tracks.map(() => 0);
    this.to = tracks.map((_, k) => (k === 0 ? 1 : 0));
    this.faded = this.length;
  }

  /** Gains of all sounds now. */
  gains() {
    const share = this.ramp[this.faded];
    return this.to.map((to, k) => this.from[k] + (to - this.from[k]) * share);
  }

  /** @param {number} index of the sound to be heard */
  choose(index) {
    this.from = this.gains();
    this.to = this.tracks.map((_, k) => (k === index ? 1 : 0));
    this.faded = 0;
  }

  play() { this.going = true; }

  pause() { this.going = false; }

  stop() {
    this.going = false;
    this.jump = this.start;
  }

  /** @param {number} position in samples */
  seek(position) { this.jump = position; }

  /**
   * @param {number} start first sample of the loop
   * @param {number} end the one after its last
   */
  loop(start, end) {
    this.start = start;
    this.end = end;
  }

  /** Fill the next samples. @param {Float32Array} left @param {Float32Array} right */
  fill(left, right) {
    const last = this.samples - 1;
    for (let i = 0; i < left.length; i++) {
      left[i] = right[i] = 0;
      if (this.level === 0) {
        if (this.jump !== null) { this.position = this.jump; this.jump = null; }
        if (this.position < this.start || this.position >= this.end) this.position = this.start;
        if (!this.going || !this.tracks.length) continue;
      }
      const leaving = !this.going || this.jump !== null || this.position < this.start || this.end - this.position <= this.level;
      this.level = leaving ? this.level - 1 : Math.min(this.length, this.level + 1);
      if (this.faded < this.length) this.faded++;
      const gain = this.ramp[this.level], share = this.ramp[this.faded], at = Math.min(this.position, last);
      for (let k = 0; k < this.tracks.length; k++) {
        const own = gain * (this.from[k] + (this.to[k] - this.from[k]) * share);
        if (own === 0) continue;
        left[i] += own * this.tracks[k][0][at];
        right[i] += own * this.tracks[k][1][at];
      }
      this.position++;
    }
  }
}

// The same file runs as an audio worklet; what the page wants comes as the name of a method and what it is given.
const scope = /** @type {any} */ (globalThis);
if (typeof scope.registerProcessor === "function") {
  scope.registerProcessor("mixer", class extends scope.AudioWorkletProcessor {
    constructor() {
      super();
      this.mixer = new Mixer(scope.sampleRate);
      this.told = 0;
      this.port.onmessage = (/** @type {MessageEvent} */ { data }) => /** @type {any} */ (this.mixer)[data.call](...data.given);
    }

    /** @param {unknown} _ @param {Float32Array[][]} outputs */
    process(_, [[left, right]]) {
      this.mixer.fill(left, right);
      if (++this.told % 8 === 0) this.port.postMessage(this.mixer.position);
      return true;
    }
  });
}
