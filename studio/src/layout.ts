// Where nodes stand: ELK's layered layout, with every port where it is drawn. It runs in a worker.
import ELK from "elkjs/lib/elk-api.js";
import type { Catalogue, EdgeState, NodeState } from "./api";

export const WIDTH = 196, HEAD = 30, ROW = 21, PAD = 7;

export interface Row { inlet?: string; outlet?: string; knob?: string; control?: string }

/** What a node shows, from above: audio and control ports, then knobs with their inlets. */
export function rows(catalogue: Catalogue, node: NodeState): Row[] {
  const spec = catalogue.types[node.type];
  const inlets = spec.inlets.filter((i) => !i.knob), ports: Row[] = [];
  for (let k = 0; k < Math.max(inlets.length, spec.outlets.length); k++) {
    ports.push({ inlet: inlets[k]?.name, outlet: spec.outlets[k]?.name });
  }
  const moved = Object.fromEntries(spec.inlets.filter((i) => i.knob).map((i) => [i.knob, i.name]));
  return [...ports, ...node.knobs.map((k) => ({ knob: k.name, control: moved[k.name] }))];
}

export const height = (count: number) => HEAD + count * ROW + PAD;
export const rowAt = (k: number) => HEAD + k * ROW + ROW / 2;

let elk: InstanceType<typeof ELK> | null = null;

export async function arrange(
  catalogue: Catalogue, nodes: NodeState[], edges: EdgeState[],
): Promise<Record<string, { x: number; y: number }>> {
  elk ??= new ELK({ workerUrl: new URL("assets/elk-worker.min.js", document.baseURI).href });
  const graph = {
    id: "root",
    layoutOptions: {
      "elk.algorithm": "layered", "elk.direction": "RIGHT",
      "elk.spacing.nodeNode": "36", "elk.layered.spacing.nodeNodeBetweenLayers": "70",
      "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
    },
    children: nodes.map((node) => {
      const shown = rows(catalogue, node);
      const ports = shown.flatMap((row, k) => [
        ...[row.inlet, row.control].filter(Boolean).map((name) => ({ id: `${node.id}>${name}`, x: 0, y: rowAt(k) })),
        ...(row.outlet ? [{ id: `${node.id}<${row.outlet}`, x: WIDTH, y: rowAt(k) }] : []),
      ]);
      return {
        id: node.id, width: WIDTH, height: height(shown.length), ports,
        layoutOptions: { "elk.portConstraints": "FIXED_POS" },
      };
    }),
    edges: edges.map((e, k) => ({
      id: `e${k}`, sources: [`${e.source}<${e.outlet}`], targets: [`${e.target}>${e.inlet}`],
    })),
  };
  const placed = await elk.layout(graph);
  return Object.fromEntries((placed.children ?? []).map((c) => [c.id, { x: c.x ?? 0, y: c.y ?? 0 }]));
}
