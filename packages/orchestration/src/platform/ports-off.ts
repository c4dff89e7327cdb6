import { MillraceError, type Mailer, type OutsideServices, type PersonCheck } from "@millrace/kernel";

/**
 * The outside services of a host that has none: steps that would use one say so in their output and go on. `models` holds every
 * model for usable; the executor refuses what it cannot run when it is asked to.
 */
export const outsideServicesOff: OutsideServices = {
  models: {
    status: ({ kind, pinned }) => Promise.resolve({ kind, model: pinned, usable: true, why: "", fix: "", vendor: null }),
  },
  environments: {
    isOn: false,
    provision: () => Promise.reject(off("an environment provider")),
    takeDown: () => Promise.resolve(),
  },
  tracker: { isOn: false, fileIssue: () => Promise.resolve(null) },
  releases: {
    isOn: false,
    signals: () => Promise.resolve([]),
    evidence: () => Promise.resolve({ signals: [], errors: [], notes: [] }),
  },
  incidents: { isOn: false, enrich: () => Promise.resolve(false) },
};

/** The check of a host whose callers are proven before they reach it, or that no agent can reach: it takes every caller for whom it names. */
export const trustEveryPerson: PersonCheck = { prove: () => Promise.resolve(null) };

/**
 * The mailer of a host without mail: nothing is queued, links are handed over by hand, and an address cannot be proven. What an earlier
 * configuration left in the queue is given up.
 */
export const mailerOff: Mailer = {
  isOn: false,
  send: () => Promise.reject(new MillraceError("not_configured", "this host sends no mails", { fix: "give it a mailer" })),
};

function off(what: string): MillraceError {
  return new MillraceError("config_invalid", `this host has no ${what}`, { fix: "configure one, or take the step out of the pipeline" });
}
