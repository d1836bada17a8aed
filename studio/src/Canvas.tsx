// The graph on a canvas: select, wire, move a cable's end, delete; all of it also in the inspector.
import {
  Background, Controls, MiniMap, ReactFlow, applyNodeChanges, useReactFlow, type Edge, type Node, type NodeChange,
} from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { EdgeState, Ends } from "./api";
import { arrange } from "./layout";
import { ProcessorNode } from "./ProcessorNode";
import { complain, edit, now, set, usePart } from "./store";

const TYPES = { processor: ProcessorNode };
export const edgeId = (e: Ends) => `${e.source}.${e.outlet}>${e.target}.${e.inlet}`;
const ends = (e: { source: string | null; target: string | null; sourceHandle?: string | null; targetHandle?: string | null }): Ends => ({
  source: e.source ?? "", outlet: e.sourceHandle ?? "out", target: e.target ?? "", inlet: e.targetHandle ?? "in",
});

export function Canvas() {
  const graph = usePart((k) => k.state?.graph), catalogue = usePart((k) => k.catalogue);
  const selection = usePart((k) => k.selection), blamed = usePart((k) => k.blamed);
  const flow = useReactFlow();
  const [places, setPlaces] = useState<Record<string, { x: number; y: number }>>({});
  const placed = useRef(places);
  placed.current = places;
  const [nodes, setNodes] = useState<Node[]>([]);
  const structure = useMemo(
    () => graph && JSON.stringify([graph.nodes.map((n) => [n.id, n.type]), graph.edges.map(edgeId)]), [graph],
  );
  const drawn = useRef<string | null>(null);
  const byHand = useRef(false); // somebody has put nodes where they want them

  const tidy = useCallback(async () => {
    const { state: s, catalogue: c } = now();
    if (!s?.graph || !c) return;
    try {
      const fresh = await arrange(c, s.graph.nodes, s.graph.edges);
      byHand.current = false;
      setPlaces(fresh);
      setTimeout(() => void flow.fitView({ padding: 0.12, maxZoom: 1.1, duration: 0 }), 40);
    } catch (error) {
      complain(error);
    }
  }, [flow]);

  useEffect(() => {
    if (!graph || !structure || drawn.current === structure) return;
    drawn.current = structure;
    const { catalogue: c } = now(), kept = graph.nodes.filter((n) => placed.current[n.id]);
    if (!byHand.current || !c || 2 * kept.length < graph.nodes.length) { void tidy(); return; }
    // What was put somewhere stays there; what is new stands to it as it would if all were arranged.
    arrange(c, graph.nodes, graph.edges).then((fresh) => {
      const mean = (axis: "x" | "y") => kept.reduce((sum, n) => sum + placed.current[n.id][axis] - fresh[n.id][axis], 0) / kept.length;
      const x = mean("x"), y = mean("y");
      setPlaces((p) => Object.fromEntries(graph.nodes.map((n) => [n.id, p[n.id] ?? { x: fresh[n.id].x + x, y: fresh[n.id].y + y }])));
    }, complain);
  }, [graph, structure, tidy]);

  useEffect(() => {
    const chosen = selection && "node" in selection ? selection.node : null;
    setNodes((before) => {
      const old = new Map(before.map((n) => [n.id, n]));
      return (graph?.nodes ?? []).filter((n) => places[n.id]).map((node) => ({
        ...old.get(node.id), id: node.id, type: "processor", data: old.get(node.id)?.data.node === node ? old.get(node.id)!.data : { node }, selected: node.id === chosen,
        position: old.get(node.id)?.dragging ? old.get(node.id)!.position : places[node.id],
        ariaLabel: `${node.type} ${node.id}`,
      }));
    });
  }, [graph, places, selection]);

  const edges = useMemo<Edge[]>(() => (graph?.edges ?? []).map((e: EdgeState) => {
    const id = edgeId(e), chosen = selection && "edge" in selection && edgeId(selection.edge) === id;
    const plain = e.signal === "audio" && !e.gain_db && !e.invert;
    return {
      id, source: e.source, target: e.target, sourceHandle: e.outlet, targetHandle: e.inlet,
      className: `cable ${e.signal}${blamed.includes(e.source) && blamed.includes(e.target) ? " blamed" : ""}`,
      style: { opacity: 0.5 + 0.5 * (e.confidence ?? 1) }, selected: !!chosen, reconnectable: true, interactionWidth: 18,
      label: plain ? undefined : e.text.replace("-", "−"), labelShowBg: true, labelBgPadding: [4, 2] as [number, number],
      ariaLabel: `${e.signal} cable from ${e.source} ${e.outlet} to ${e.target} ${e.inlet}`,
    };
  }), [graph, selection, blamed]);

  const moved = useCallback((changes: NodeChange[]) => {
    setNodes((before) => applyNodeChanges(changes.filter((c) => c.type !== "remove" && c.type !== "select"), before));
    for (const c of changes) {
      if (c.type === "position" && c.position && !c.dragging) byHand.current = true;
      if (c.type === "position" && c.position && !c.dragging) setPlaces((p) => ({ ...p, [c.id]: c.position! }));
      if (c.type === "select" && c.selected) set({ selection: { node: c.id } });
    }
  }, []);

  if (!graph || !catalogue) return <div className="canvas" />;
  return (
    <div className="canvas" aria-label="Graph">
      <ReactFlow
        nodes={nodes} edges={edges} nodeTypes={TYPES} onNodesChange={moved}
        onNodeClick={(_, n) => set({ selection: { node: n.id } })}
        onEdgeClick={(_, e) => set({ selection: { edge: ends(e) } })}
        onEdgesChange={(changes) => {
          for (const c of changes) {
            const e = c.type === "select" && c.selected ? edges.find((x) => x.id === c.id) : null;
            if (e) set({ selection: { edge: ends(e) } });
          }
        }}
        onPaneClick={() => set({ selection: null })}
        onConnect={(c) => void edit({ op: "connect", ...ends(c) })}
        onReconnect={(old, c) => void edit({ op: "rewire", cable: ends(old), to: ends(c) })}
        onBeforeDelete={async ({ nodes: gone, edges: cut }) => {
          for (const n of gone) await edit({ op: "remove", node: n.id });
          if (!gone.length) for (const e of cut) await edit({ op: "disconnect", ...ends(e) });
          set({ selection: null });
          return false;
        }}
        deleteKeyCode={["Delete", "Backspace"]} minZoom={0.15} maxZoom={1.6} onlyRenderVisibleElements={graph.nodes.length > 40}
        multiSelectionKeyCode={null} selectionKeyCode={null}
      >
        <Background gap={22} size={1} />
        <Controls showInteractive={false}>
          <button type="button" className="react-flow__controls-button" title="Arrange" aria-label="Arrange" onClick={() => void tidy()}><svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true"><path d="M0 1h4v4H0zM8 0h4v4H8zM8 8h4v4H8zM4 2.6h4v1H6.5v6H8v1H5.5v-7H4z" /></svg></button>
        </Controls>
        {graph.nodes.length > 8 && <MiniMap pannable zoomable />}
      </ReactFlow>
    </div>
  );
}
