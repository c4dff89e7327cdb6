/** Invariants of a single state, independent of its history. */
import type { Run } from "@millrace/contracts";
import type { RunRecord } from "@millrace/kernel";
import { fromRecord, isLive } from "@millrace/orchestration";
import { isEqual } from "./equal.logic.js";
import { NOW, SECRET, type ExploredEngine } from "./engine.logic.js";
import type { BrokenInvariant } from "./invariants.logic.js";
import type { Environment } from "./environment.logic.js";

/** Statuses in which a stored run excludes other runs of its block. The store's conformance suite checks the same list. */
const HOLDS_ITS_BLOCK: ReadonlySet<RunRecord["status"]> = new Set(["running", "waiting", "paused", "stopping"]);

export function brokenIn(run: Run, environment: Environment, engine: ExploredEngine): readonly BrokenInvariant[] {
  const broken: BrokenInvariant[] = [];
  const record = engine.toRecord(run, NOW);
  // The database allows one run of a block in these statuses; a live run outside of them would not exclude others.
  if (HOLDS_ITS_BLOCK.has(record.status) !== isLive(run))
    broken.push({ invariant: "I8", message: `a run that is ${run.phase.is} is stored as ${record.status}` });
  if (!isEqual(fromRecord(record), run)) broken.push({ invariant: "I11", message: "what is stored is not read back as it was" });
  if (environment.spent && startsCostlyCall(run, engine))
    broken.push({ invariant: "I9", message: "the budget is spent, and the run asks for a call that costs" });
  if (JSON.stringify(run).includes(SECRET)) broken.push({ invariant: "I12", message: "text that is none of the run's is in the run" });
  return broken;
}

function startsCostlyCall(run: Run, engine: ExploredEngine): boolean {
  const next = engine.due(run);
  return next.is === "effect" && (next.effect.request.do === "ask-agent" || next.effect.request.do === "start-job");
}
