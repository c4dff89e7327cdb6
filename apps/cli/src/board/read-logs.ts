import { outputRefSchema, verdictSchema, type Run, type RunEvent, type Verdict } from "@millrace/contracts";
import type { JobReader } from "@millrace/executors";
import { MillraceError, type Store } from "@millrace/kernel";
import { z } from "zod";
import { clockTime, indented, short } from "../output/format.logic.js";
import { transcriptLines } from "../views/transcript.logic.js";

/** One piece of a run's logs, in the order things happened. */
export interface LogSection {
  readonly is: "job" | "output" | "check";
  /** From 1. */
  readonly step: number;
  readonly title: string;
  readonly at: number;
  readonly lines: readonly string[];
}

export interface LogRequest {
  readonly store: Store;
  readonly jobs: JobReader;
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** From 1; null: all steps. */
  readonly step: number | null;
}

/** Transcripts of jobs, texts of steps, output of failing checks. @throws MillraceError `validation` for a step that does not exist. */
export async function readLogs({ store, jobs, run, events, step }: LogRequest): Promise<readonly LogSection[]> {
  if (step !== null && step > run.steps.length)
    throw new MillraceError("validation", `step ${step} does not exist: run '${run.id}' has steps 1 to ${run.steps.length}`, {
      fix: "choose one of its steps; see them with: millrace show",
    });
  const sections: LogSection[] = [];
  for (const event of events) {
    const at = locate(run, event);
    if (at !== null && (step === null || step === at.step)) sections.push(...(await sectionsOf({ store, jobs, run }, event, at)));
  }
  return sections;
}

interface Place {
  readonly step: number;
  readonly name: string;
  readonly at: number;
}

function locate(run: Run, { event, at }: RunEvent): Place | null {
  if (!("step" in event)) return null;
  return { step: event.step + 1, name: `step ${event.step + 1} ${run.steps[event.step]?.definition.kind ?? ""}`, at };
}

async function sectionsOf(
  { store, jobs, run }: Pick<LogRequest, "store" | "jobs" | "run">,
  { event }: RunEvent,
  { step, name, at }: Place,
): Promise<readonly LogSection[]> {
  const section = (is: LogSection["is"], title: string, lines: readonly string[]): LogSection => ({
    is,
    step,
    title: `${name}: ${title}, ${clockTime(at)}`,
    at,
    lines,
  });
  const job = async (kind: string, key: string): Promise<readonly LogSection[]> => {
    const transcript = await jobs.transcript(key);
    return transcript === null ? [] : [section("job", `transcript of the ${kind} (${key})`, transcriptLines(transcript))];
  };
  switch (event.type) {
    case "job-started":
      return job(event.job.kind, event.job.key);
    case "effect-requested":
      return event.effect.request.do === "ask-agent" ? job(event.effect.request.kind, event.effect.key) : [];
    case "output-recorded": {
      const text = await store.outputs.get(run.workspaceId, event.output.key);
      return text === null ? [] : [section("output", `output (${short(event.output.digest)})`, indented(text, ""))];
    }
    case "fact-recorded": {
      const written = reviewTextSchema.safeParse(event.fact).data;
      if (written !== undefined) {
        const [title, { key, digest }] = written.is === "reviewed" ? ["findings", written.round.output] : ["document", written.document];
        const text = await store.outputs.get(run.workspaceId, key);
        return text === null ? [] : [section("output", `${title} (${short(digest)})`, indented(text, ""))];
      }
      const verdict = verdictSchema.safeParse(event.fact["verdict"]);
      return verdict.success ? failedChecks(verdict.data).map(([title, lines]) => section("check", title, lines)) : [];
    }
    default:
      return [];
  }
}

/** Texts of a review: they are no output of its step, and nobody else prints them. */
const reviewTextSchema = z.discriminatedUnion("is", [
  z.looseObject({ is: z.literal("reviewed"), round: z.looseObject({ output: outputRefSchema }) }),
  z.looseObject({ is: z.literal("reworked"), document: outputRefSchema }),
]);

function failedChecks({ observed, head }: Verdict): readonly (readonly [string, readonly string[]])[] {
  return observed
    .filter((check) => check.status === "completed" && check.conclusion !== "success" && check.summary !== null)
    .map((check) => [`check '${check.name}' of ${short(head)}: ${check.conclusion ?? ""}`, indented(check.summary ?? "", "")] as const);
}
