import { z } from "zod";

const micros = z.number().int().nonnegative();

/**
 * Caps on what runs may spend, in millionths of the price list's currency. Null: no cap. A metered call starts only when what was
 * spent, what is reserved for calls in flight, and its own reservation fit under every cap that applies.
 */
export const budgetSchema = z.strictObject({
  /** Per calendar month (UTC). Default: 100 units. */
  monthlyMicros: micros.nullable().default(100_000_000),
  /** Per task, over all its runs. */
  taskMicros: micros.nullable().default(null),
  runMicros: micros.nullable().default(null),
  /** Reserved before an inline call and before a job. A call that costs more than was reserved can overshoot a cap by the difference, once per call in flight. */
  reserveInlineMicros: micros.default(50_000),
  reserveJobMicros: micros.default(1_000_000),
});
/** Spending caps and reservations of a workspace, defaults filled in; amounts in millionths, null for no cap. */
export type Budget = z.infer<typeof budgetSchema>;
