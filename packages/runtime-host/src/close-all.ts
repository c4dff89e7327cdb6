/** A function that closes one thing. */
export type Close = () => Promise<void>;

/**
 * Closes everything that was opened, last opened first, one after the other. A failed close does not leave the rest open; the first
 * failure is thrown at the end.
 */
export async function closeAll(opened: readonly Close[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of opened.toReversed()) await close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
