// The server, as the page speaks to it; docs: /api/openapi.json.

const token = new URLSearchParams(location.search).get("token") ?? "";
const headers = { Authorization: `Bearer ${token}` };

export class Refusal extends Error {}

/** @param {string} path @param {RequestInit} [init] */
async function ask(path, init = {}) {
  let answer;
  try {
    answer = await fetch(`/api${path}`, { ...init, headers: { ...headers, ...init.headers } });
  } catch {
    throw new Refusal("The server does not answer. Nothing is lost: start it again, then press the button once more.");
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  throw new Refusal(body.error ?? `the server answered ${answer.status}`);
}

/** @param {string} path @returns {Promise<any>} */
export const get = async (path) => (await ask(path)).json();

/** @param {string} path @param {unknown} body @returns {Promise<any>} */
export const post = async (path, body) =>
  (await ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } })).json();

/** @param {string} path @returns {Promise<Float32Array>} */
export const floats = async (path) => new Float32Array(await (await ask(path)).arrayBuffer());
