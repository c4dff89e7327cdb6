import { z } from "zod";

const path = z.string().min(1).max(500);

/** One thing the sample agent does, in the folder it was started for. */
export const sampleActionSchema = z.union([
  z.strictObject({ write: z.strictObject({ path, text: z.string() }) }),
  /** Replaces the first occurrence; a file without it fails the turn. */
  z.strictObject({ replace: z.strictObject({ path, find: z.string().min(1), with: z.string() }) }),
  z.strictObject({ remove: z.strictObject({ path }) }),
  /** Program and arguments, no shell; an exit code other than 0 fails the turn. */
  z.strictObject({ run: z.strictObject({ argv: z.tuple([z.string().min(1)], z.string()) }) }),
  /** Milliseconds. */
  z.strictObject({ wait: z.number().int().min(0).max(5000) }),
  /** Asks for permission; a refusal ends the turn. */
  z.strictObject({
    ask: z.strictObject({
      title: z.string().min(1),
      kind: z.enum(["read", "edit", "delete", "move", "search", "execute", "fetch", "other"]),
      paths: z.array(path).default([]),
    }),
  }),
]);
export type SampleAction = z.infer<typeof sampleActionSchema>;

export const sampleTurnSchema = z.strictObject({
  /** Agent kind this turn answers for. */
  kind: z.string().min(1),
  /** Only for this attempt of the step, counted from 0. */
  attempt: z.number().int().min(0).optional(),
  /** Only for the effect with this number in its attempt, counted from 1: a gate's second helper job, a tester's second look. */
  effect: z.number().int().min(0).optional(),
  /** Shown as progress; one entry is completed after each action. */
  plan: z.array(z.string().min(1)).max(50).default([]),
  actions: z.array(sampleActionSchema).max(200).default([]),
  /** The final message. */
  say: z.string(),
});
export type SampleTurn = z.infer<typeof sampleTurnSchema>;

/** What the sample agent does instead of thinking. The first turn that fits is taken, else the last of the kind. */
export const sampleScriptSchema = z.strictObject({
  turns: z.array(sampleTurnSchema).min(1).max(500),
  /** Models it offers as an option of the session; it begins on the first. `{model}` in a final message is the one it is on. */
  models: z.array(z.string().min(1)).max(50).optional(),
});
export type SampleScript = z.infer<typeof sampleScriptSchema>;

/** The turn for a job; null when the script knows nothing of the kind. */
export function chooseTurn(
  script: SampleScript,
  job: { readonly kind: string; readonly attempt: number; readonly effect: number },
): SampleTurn | null {
  const ofKind = script.turns.filter((turn) => turn.kind === job.kind);
  const fits = (turn: SampleTurn): boolean =>
    (turn.attempt === undefined || turn.attempt === job.attempt) && (turn.effect === undefined || turn.effect === job.effect);
  return ofKind.find(fits) ?? ofKind.at(-1) ?? null;
}
