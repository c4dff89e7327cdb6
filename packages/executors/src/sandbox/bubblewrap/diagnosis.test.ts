import { describe, expect, it } from "vitest";
import { diagnose, type MachineFacts } from "./diagnosis.logic.js";

const fine: MachineFacts = {
  isLinux: true,
  missing: [],
  hasApt: true,
  maxUserNamespaces: 1000,
  unprivilegedUserNamespaces: null,
  restrictedByAppArmor: null,
  printed: "bwrap: No permissions to create new namespace",
};

describe("why there is no sandbox, and what repairs it", () => {
  it.each<[string, Partial<MachineFacts>, RegExp, RegExp]>([
    ["another system", { isLinux: false }, /needs Linux/, /on Linux/],
    ["no package", { missing: ["bwrap"] }, /'bwrap'/, /^sudo apt-get install bubblewrap$/],
    ["no package, and no apt", { missing: ["bwrap"], hasApt: false }, /'bwrap'/, /install bubblewrap with/],
    ["two packages", { missing: ["bwrap", "prlimit", "setpriv"] }, /'prlimit'/, /install bubblewrap util-linux$/],
    ["user namespaces switched off", { maxUserNamespaces: 0 }, /switched off/, /user\.max_user_namespaces/],
    ["... for all but root", { unprivilegedUserNamespaces: 0 }, /switched off/, /kernel\.unprivileged_userns_clone=1/],
    ["... by AppArmor", { restrictedByAppArmor: 1 }, /AppArmor/, /apparmor_restrict_unprivileged_userns=0/],
    ["something else", {}, /No permissions to create new namespace/, /container/],
    ["something that says nothing", { printed: "" }, /printed nothing/, /container/],
  ])("%s", (_, facts, problem, fix) => {
    const diagnosis = diagnose({ ...fine, ...facts });
    expect(diagnosis.problem).toMatch(problem);
    expect(diagnosis.fix).toMatch(fix);
  });
});
