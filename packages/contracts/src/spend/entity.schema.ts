import { z } from "zod";

const micros = z.number().int().nonnegative();

/** Smallest reservation of a call that costs, in millionths of the currency: 1. A smaller setting reserves this, so that caps hold. */
export const MIN_RESERVATION_MICROS = 1;

/**
 * Caps on the spending of runs, in millionths of the price list's currency. Null: no cap; 0: no metered call. A metered call starts only when the amount
 * spent, the reservations of calls in flight and its own reservation fit under every cap that applies.
 */
export const budgetSchema = z.strictObject({
  /** Per calendar month (UTC). Default: 100 units. */
  monthlyMicros: micros.nullable().default(100_000_000),
  /** Per task, over all its runs. Default: no cap. */
  taskMicros: micros.nullable().default(null),
  runMicros: micros.nullable().default(null),
  /**
   * Reservation of one call of a model; below, of the work of a coding agent, which calls its model many times, be it a job or an answer. At
   * least `MIN_RESERVATION_MICROS`, whatever is set. A call that costs more can overshoot a cap by the difference, once per call in flight;
   * a call of unknown cost is settled at its reservation.
   */
  reserveInlineMicros: micros.default(50_000),
  reserveJobMicros: micros.default(1_000_000),
});
/** Spending caps and reservations of a workspace, defaults filled in; amounts in millionths, null for no cap. */
export type Budget = z.infer<typeof budgetSchema>;
