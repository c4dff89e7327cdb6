import { expect, it } from "vitest";
import { groupLocations } from "./group-locations.logic.js";

const limits = { memoryBytes: 1000, processes: 10, privateBytes: 1, fileBytes: 1 };
const seen = (groups: string, mounts: string) =>
  groupLocations(groups, mounts).map((location) => ({ candidates: location.candidates, writes: location.limits(limits) }));

it("version 1 has a hierarchy for each controller", () => {
  const mounts = [
    "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
    "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
  ].join("\n");
  expect(seen("8:pids:/\n4:memory:/jobs/7\n0::/\n", mounts)).toEqual([
    { candidates: ["/sys/fs/cgroup/memory/jobs/7"], writes: { "memory.limit_in_bytes": "1000" } },
    { candidates: ["/sys/fs/cgroup/pids"], writes: { "pids.max": "10" } },
  ]);
});

it("the unified one is used below and beside the process", () => {
  const mounts = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
  expect(seen("0::/user.slice/app.slice/term.scope\n", mounts)).toEqual([
    {
      candidates: ["/sys/fs/cgroup/user.slice/app.slice/term.scope", "/sys/fs/cgroup/user.slice/app.slice"],
      writes: { "memory.max": "1000", "memory.swap.max": "0", "pids.max": "10" },
    },
  ]);
});

it("in a container that sees a part of the hierarchy, paths are those of that part", () => {
  const mounts = "30 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup2 rw";
  expect(seen("0::/docker/abc\n", mounts)).toMatchObject([{ candidates: ["/sys/fs/cgroup"] }]);
});

it("without control groups there is no place", () => expect(seen("", "")).toEqual([]));
