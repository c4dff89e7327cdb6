/** Changes of wake-ups. Drivers consume them through the port `WakeUps`. */
export interface WakeUpChanges {
  /** Sets the run's one wake-up to `at` (epoch ms). The claim of the driver that holds it stays. Fails with `not_found` when the run is missing. */
  wake: { readonly workspaceId: string; readonly runId: string; readonly at: number };
  /** Removes the run's wake-up and its claim: the run is finished or waits for a person. */
  unwake: { readonly workspaceId: string; readonly runId: string };
}
