import type { Change, QueuedMail } from "@millrace/kernel";
import { expect } from "vitest";
import { expectRefusal } from "./fixtures.js";
import type { StoreCase } from "./store-case.js";

const aMail = (key: string, over: Partial<QueuedMail> = {}): QueuedMail => ({
  key,
  template: "invitation",
  to: "ann@example.org",
  values: { accountName: "Acme", link: "https://mill.example/invite?token=5ec2e7" },
  attempts: 0,
  nextAttemptAt: 10,
  expiresAt: 900,
  ...over,
});
const insert = (mail: QueuedMail): Change<"insert-mail"> => ({ change: "insert-mail", mail });
const claim = (mailKey: string, attempts: number): Change<"claim-mail"> => ({
  change: "claim-mail",
  mailKey,
  attempts,
  nextAttemptAt: 70,
});

export const mailCases: readonly StoreCase[] = [
  {
    name: "mails that are due come whole and longest due first, as many as were asked for",
    async run({ store }) {
      const [late, first, second] = [aMail("c", { nextAttemptAt: 50 }), aMail("b"), aMail("a", { nextAttemptAt: 20 })];
      await store.commit([late, first, second].map(insert));
      expect(await store.mails.due(9, 200)).toEqual([]);
      expect(await store.mails.due(20, 200)).toEqual([first, second]);
      expect(await store.mails.due(50, 1)).toEqual([first]);
      await expectRefusal(store.commit([insert(aMail("b", { to: "bob@example.org" }))]), "conflict");
      for (const limit of [0, 201]) await expectRefusal(store.mails.due(50, limit), "validation");
    },
  },
  {
    name: "of two processes that take up one attempt of a mail one does, and the mail is due again at the time it said",
    async run({ store, connect }) {
      const other = await connect();
      await store.commit([insert(aMail("a"))]);
      const both = await Promise.allSettled([store.commit([claim("a", 0)]), other.commit([claim("a", 0)])]);
      expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
      await expectRefusal(store.commit([claim("a", 0)]), "stale_revision");
      expect(await store.mails.due(69, 9)).toEqual([]);
      expect(await store.mails.due(70, 9)).toEqual([aMail("a", { attempts: 1, nextAttemptAt: 70 })]);
    },
  },
  {
    name: "a mail that was removed is not sent again, and removing it again does nothing",
    async run({ store }) {
      await store.commit([insert(aMail("a")), insert(aMail("b"))]);
      for (let time = 0; time < 2; time += 1) await store.commit([{ change: "remove-mail", mailKey: "a" }]);
      expect((await store.mails.due(10, 9)).map(({ key }) => key)).toEqual(["b"]);
      await expectRefusal(store.commit([claim("a", 0)]), "stale_revision");
    },
  },
];
