import { MillraceError, type QueuedMail } from "@millrace/kernel";
import { expect, it } from "vitest";
import { claimMail, isGivenUp } from "./mails.logic.js";

const mail = (attempts: number): QueuedMail => ({
  key: "inv_1.1",
  template: "invitation",
  to: "ann@example.org",
  values: {},
  attempts,
  nextAttemptAt: 0,
  expiresAt: 9,
});

it("pauses twice as long after each attempt, from 1 minute to 12 hours", () => {
  const pauses = [0, 1, 2, 9, 10].map((attempts) => (claimMail(mail(attempts), 1000).nextAttemptAt - 1000) / 60_000);
  expect(pauses).toEqual([1, 2, 4, 512, 720]);
});

it("gives up what will never be taken, and after ten attempts the rest", () => {
  const [final, passing] = [new MillraceError("upstream_refused", "no"), new MillraceError("upstream_failed", "later")];
  expect([final, passing, new Error("odd")].map((failure) => isGivenUp(mail(0), failure))).toEqual([true, false, false]);
  expect([8, 9].map((attempts) => isGivenUp(mail(attempts), passing))).toEqual([false, true]);
});
