// How travel of a knob becomes a value and a text, as graphophone.spec.param says it.
import type { Param } from "./api";

export function fromTravel(p: Param, travel: number): number {
  const t = Math.min(1, Math.max(0, travel));
  let value: number;
  if (p.taper === "log") value = p.low * Math.exp(Math.log(p.high / p.low) * t);
  else if (p.taper === "asinh") value = p.bend * Math.sinh(Math.asinh(p.high / p.bend) * (2 * t - 1));
  else value = p.low + (p.high - p.low) * t;
  if (p.step !== null) value = p.low + Math.round((value - p.low) / p.step) * p.step;
  return Math.min(p.high, Math.max(p.low, value));
}

export function toTravel(p: Param, value: number): number {
  if (p.taper === "log") return Math.log(value / p.low) / Math.log(p.high / p.low);
  if (p.taper === "asinh") return 0.5 + (0.5 * Math.asinh(value / p.bend)) / Math.asinh(p.high / p.bend);
  return (value - p.low) / (p.high - p.low);
}

/** What somebody types: a number, with its unit or without; what lies beyond the ends is the end. */
export function parsed(p: Param, typed: string): number | null {
  const found = /^([+-]?(?:\d+\.?\d*|\.\d+))\s*(\S*)/.exec(typed.trim().replaceAll("−", "-").replace(",", "."));
  if (!found) return null;
  let value = Number(found[1]);
  const unit = found[2].toLowerCase();
  if (p.unit === "Hz" && unit.startsWith("k")) value *= 1000;
  if (p.unit === "s" && (unit === "ms" || (!unit && value > p.high))) value /= 1000;
  if (p.unit === "" && unit === "%") value /= 100;
  if (p.step !== null) value = p.low + Math.round((value - p.low) / p.step) * p.step;
  return Math.min(p.high, Math.max(p.low, value));
}

const digits = (x: number) => String(Number(x.toPrecision(3)));
const ONE: Record<string, string> = { semitones: "semitone", bits: "bit", cycles: "cycle" };

export function text(p: Param, value: number): string {
  if (p.unit === "Hz" && Math.abs(value) >= 1000) return `${digits(value / 1000)} kHz`;
  if (p.unit === "s" && Math.abs(value) < 1) return `${digits(value * 1000)} ms`;
  const number = digits(value);
  const unit = number === "1" || number === "-1" ? (ONE[p.unit] ?? p.unit) : p.unit;
  return `${number} ${unit}`.trim();
}
