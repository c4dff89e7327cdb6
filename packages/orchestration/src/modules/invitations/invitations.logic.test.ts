import type { StoredInvitation } from "@millrace/contracts";
import { describe, expect, it } from "vitest";
import { emailHint, endInvitation, invitationAt, invitationClosed, isOpen, requireInvited } from "./invitations.logic.js";

const invitation: StoredInvitation = {
  id: "inv_1",
  accountId: "acc_1",
  email: "ann@example.org",
  roles: ["developer"],
  status: "pending",
  invitedBy: "usr_1",
  createdAt: 1,
  expiresAt: 10,
  endedAt: null,
  revision: 3,
};

describe("an invitation", () => {
  it("INV-02 is expired when its time has come and nothing else became of it", () => {
    expect([9, 10, 11].map((now) => invitationAt(invitation, now).status)).toEqual(["pending", "expired", "expired"]);
    expect(invitationAt({ ...invitation, status: "accepted", endedAt: 5 }, 11).status).toBe("accepted");
    expect([9, 10].map((now) => isOpen(invitation, now))).toEqual([true, false]);
    expect(invitationClosed(invitation, 10)).toMatchObject({ code: "invitation_closed", details: { status: "expired" } });
  });

  it("INV-04 ends from the revision that was seen, together with the mail that carries its link", () => {
    expect(endInvitation(invitation, "revoked", 5)).toEqual([
      { change: "end-invitation", accountId: "acc_1", invitationId: "inv_1", expected: 3, as: "revoked", at: 5 },
      { change: "remove-mail", mailKey: "inv_1.3" },
    ]);
  });

  it("INV-05 shows of its address as much as its owner needs to know it", () => {
    expect(emailHint("ann@example.org")).toBe("a…@e…");
    expect(emailHint("x@y")).toBe("x…@y…");
  });

  it("INV-06 is for the person who has proven that address", () => {
    expect(() => requireInvited(invitation, "ann@example.org")).not.toThrow();
    expect(() => requireInvited(invitation, null)).toThrow(expect.objectContaining({ code: "email_unverified" }));
    expect(() => requireInvited(invitation, "eve@example.org")).toThrow(expect.objectContaining({ code: "email_mismatch" }));
  });
});
