/**
 * The answers of an agent, as far as they are used. The SDK checks what an agent requests, and takes its answers as they come.
 */
import { z } from "zod";

/** `initialize`. An agent that names itself in another form has no name. */
export const initializeAnswerSchema = z.looseObject({
  protocolVersion: z.number(),
  agentInfo: z.looseObject({ name: z.string(), version: z.string() }).nullish().catch(null),
  agentCapabilities: z.record(z.string(), z.unknown()).nullish().catch(null),
});
export type InitializeAnswer = z.infer<typeof initializeAnswerSchema>;

/** `session/new`. The choice of models is read by `chooseModel`. */
export const sessionAnswerSchema = z.looseObject({
  sessionId: z.string(),
  modes: z
    .looseObject({ currentModeId: z.string(), availableModes: z.array(z.looseObject({ id: z.string() })) })
    .nullish()
    .catch(null),
});
export type SessionAnswer = z.infer<typeof sessionAnswerSchema>;

/** `session/prompt`. */
export const promptAnswerSchema = z.looseObject({
  stopReason: z.enum(["end_turn", "refusal", "max_tokens", "max_turn_requests", "cancelled"]),
});

/** Answers that nothing is read from. */
export const anyAnswerSchema = z.unknown();
