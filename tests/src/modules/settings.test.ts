/** Settings of a workspace, through the door. */
import { LOG_START } from "@millrace/kernel";
import { localOwner } from "@millrace/orchestration";
import { testUser } from "@millrace/testing";
import { expect, it } from "vitest";
import { boardHost } from "./workspaces.fixture.js";

const caller = localOwner(testUser);

it("SET-01 settings are read with their defaults, and say which were set", async () => {
  const host = await boardHost({ settings: { escalationMinutes: 5 } });
  const view = await host.call("settings.get", caller, { workspaceId: host.workspace.id });
  expect(view).toMatchObject({ revision: 2, settings: { escalationMinutes: 5, taskLimit: { mode: "off" } }, set: ["escalationMinutes"] });
  await expect(host.call("settings.get", caller, { workspaceId: "ws_none" })).rejects.toMatchObject({ code: "not_found" });
});

it("SET-02 settings change in what is given, on the revision that was seen, and the log says from what to what", async () => {
  const host = await boardHost();
  const workspaceId = host.workspace.id;
  const update = (input: object, ifMatch: number | "*") => host.call("settings.update", caller, { workspaceId, ...input }, { ifMatch });
  expect(await update({ escalationMinutes: 7 }, 1)).toMatchObject({ revision: 2, set: ["escalationMinutes"] });
  await expect(update({ escalationMinutes: 8 }, 1)).rejects.toMatchObject({ code: "stale_revision", details: { revision: 2 } });
  await expect(update({ defaultPipelineId: "pl_none" }, 2)).rejects.toMatchObject({ code: "not_found" });
  await Promise.all([update({ escalationMinutes: 9 }, "*"), update({ defaultPipelineId: host.pipeline.id }, "*")]);
  const { settings } = await host.call("settings.get", caller, { workspaceId });
  expect(settings).toMatchObject({ escalationMinutes: 9, defaultPipelineId: host.pipeline.id });
  const told = (await host.store.events.read(workspaceId, LOG_START, 99)).map(({ entry }) => entry.event);
  expect(told).toContainEqual({
    type: "settings-changed",
    before: { escalationMinutes: 120 },
    after: { escalationMinutes: 7 },
    revision: 2,
  });
});

it("SET-03 a limit of tasks keeps the numbers of the modes that are off", async () => {
  const host = await boardHost();
  const workspaceId = host.workspace.id;
  const put = (input: object) => host.call("settings.putTaskLimit", caller, { workspaceId, mode: "off", ...input }, { ifMatch: "*" });
  await expect(put({ mode: "shared" })).rejects.toMatchObject({ code: "validation" });
  await put({ mode: "shared", shared: 3 });
  await put({ mode: "per-type", perType: { bug: 2 } });
  await put({ mode: "off" });
  const again = await put({ mode: "shared" });
  expect(again.settings.taskLimit).toEqual({ mode: "shared", shared: 3, perType: { bug: 2 } });
});
