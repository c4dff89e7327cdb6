/** Checks of the whole state graph: every state can still reach an end, and no cycle is endless. */

export interface Edge {
  readonly from: number;
  readonly to: number;
}

/** Nodes from which no target can be reached. */
export function trapped(nodes: number, edges: readonly Edge[], targets: readonly number[]): readonly number[] {
  const into = adjacency(nodes, edges, true);
  const reached = new Set(targets);
  const queue = [...targets];
  for (let at = queue.pop(); at !== undefined; at = queue.pop())
    for (const from of into[at] ?? [])
      if (!reached.has(from)) {
        reached.add(from);
        queue.push(from);
      }
  return Array.from({ length: nodes }, (_, node) => node).filter((node) => !reached.has(node));
}

/** A node on a cycle, or null. Removes nodes without successors until none is left (Kahn's algorithm). */
export function onCycle(nodes: number, edges: readonly Edge[]): number | null {
  const into = adjacency(nodes, edges, true);
  const out = adjacency(nodes, edges, false).map((targets) => targets.length);
  const queue = out.flatMap((count, node) => (count === 0 ? [node] : []));
  const left = new Set(out.keys());
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    left.delete(at);
    for (const from of into[at] ?? []) {
      const count = (out[from] ?? 0) - 1;
      out[from] = count;
      if (count === 0) queue.push(from);
    }
  }
  return left.values().next().value ?? null;
}

function adjacency(nodes: number, edges: readonly Edge[], reversed: boolean): number[][] {
  const lists = Array.from({ length: nodes }, (): number[] => []);
  for (const { from, to } of edges) lists[reversed ? to : from]?.push(reversed ? from : to);
  return lists;
}
