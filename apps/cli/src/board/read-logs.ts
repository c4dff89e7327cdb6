import type { EventText, Run, RunEvent } from "@millrace/contracts";
import type { JobReader } from "@millrace/executors";
import { MillraceError, type Store } from "@millrace/kernel";
import { eventTexts, type StepKinds } from "@millrace/orchestration";
import { clockTime, indented, short } from "../output/format.logic.js";
import { transcriptLines } from "../views/transcript.logic.js";

/** One section of the logs of a run. Sections are in the order of their events. */
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
  readonly kinds: StepKinds;
  readonly run: Run;
  readonly events: readonly RunEvent[];
  /** From 1; null: all steps. */
  readonly step: number | null;
}

/**
 * The logs of a run: transcripts of jobs, texts of steps, output of failing checks.
 *
 * @throws MillraceError `validation` for a step that does not exist.
 */
export async function readLogs(request: LogRequest): Promise<readonly LogSection[]> {
  const { run, events, step } = request;
  if (step !== null && step > run.steps.length)
    throw new MillraceError("validation", `step ${step} does not exist: run '${run.id}' has steps 1 to ${run.steps.length}`, {
      fix: `choose one of its steps; see them with: millrace show ${run.id}`,
    });
  const sections: LogSection[] = [];
  for (const event of events) {
    const at = locate(run, event);
    if (at !== null && (step === null || step === at.step)) sections.push(...(await sectionsOf(request, event, at)));
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
  { store, jobs, run, kinds }: LogRequest,
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
  const textSection = async (given: EventText): Promise<readonly LogSection[]> => {
    if ("text" in given) return [section("check", given.title, indented(given.text, ""))];
    const text = await store.outputs.get(run.workspaceId, given.output.key);
    return text === null ? [] : [section("output", `${given.title} (${short(given.output.digest)})`, indented(text, ""))];
  };
  switch (event.type) {
    case "job-started":
      return job(event.job.kind, event.job.key);
    case "effect-requested":
      return event.effect.request.do === "ask-agent" ? job(event.effect.request.kind, event.effect.key) : [];
    case "output-recorded":
    case "fact-recorded":
      return (await Promise.all(eventTexts({ event }, run.steps, kinds).map(textSection))).flat();
    default:
      return [];
  }
}
