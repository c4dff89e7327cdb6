import { z } from "zod";

const path = z.string().min(1).max(500);

/** One action of the sample agent. Paths are relative to the folder of its session. */
export const sampleActionSchema = z.union([
  z.strictObject({ write: z.strictObject({ path, text: z.string() }) }),
  /** Replaces the first occurrence; the turn fails when there is none. */
  z.strictObject({ replace: z.strictObject({ path, find: z.string().min(1), with: z.string() }) }),
  z.strictObject({ remove: z.strictObject({ path }) }),
  /** Runs a program without a shell; the turn fails when its exit code is not 0. */
  z.strictObject({ run: z.strictObject({ argv: z.tuple([z.string().min(1)], z.string()) }) }),
  /** Waits, in ms. */
  z.strictObject({ wait: z.number().int().min(0).max(5000) }),
  /** Requests permission for a tool call; a refusal ends the turn. */
  z.strictObject({
    ask: z.strictObject({
      title: z.string().min(1),
      kind: z.enum(["read", "edit", "delete", "move", "search", "execute", "fetch", "other"]),
      paths: z.array(path).default([]),
    }),
  }),
]);
/** An action of a `SampleTurn`. */
export type SampleAction = z.infer<typeof sampleActionSchema>;

/** The turn of the sample agent for a job. */
export const sampleTurnSchema = z.strictObject({
  /** Agent kind of the turn. */
  kind: z.string().min(1),
  /** Attempt of the step, from 0. Default: any. */
  attempt: z.number().int().min(0).optional(),
  /** Number of the effect in its attempt, from 1: a gate's second helper job has 2. Default: any. */
  effect: z.number().int().min(0).optional(),
  /** Progress; each action completes one entry. */
  plan: z.array(z.string().min(1)).max(50).default([]),
  actions: z.array(sampleActionSchema).max(200).default([]),
  /** Final message. */
  say: z.string(),
});
/** A turn of a `SampleScript`. */
export type SampleTurn = z.infer<typeof sampleTurnSchema>;

/** The script of a sample agent. A job gets the first turn that fits, else the last one of its kind. */
export const sampleScriptSchema = z.strictObject({
  turns: z.array(sampleTurnSchema).min(1).max(500),
  /** Models that the session offers; it starts on the first one. `{model}` in a final message is replaced by the present one. */
  models: z.array(z.string().min(1)).max(50).optional(),
});
/** A parsed script of the sample agent. */
export type SampleScript = z.infer<typeof sampleScriptSchema>;

/** The turn for a job; null when the script has none of its kind. */
export function chooseTurn(
  script: SampleScript,
  job: { readonly kind: string; readonly attempt: number; readonly effect: number },
): SampleTurn | null {
  const ofKind = script.turns.filter((turn) => turn.kind === job.kind);
  const fits = (turn: SampleTurn): boolean =>
    (turn.attempt === undefined || turn.attempt === job.attempt) && (turn.effect === undefined || turn.effect === job.effect);
  return ofKind.find(fits) ?? ofKind.at(-1) ?? null;
}
