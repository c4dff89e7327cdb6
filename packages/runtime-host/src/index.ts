/** @packageDocumentation What every Node runtime wires the same way: agents as child processes, forges, nudges, drivers. */
export { closeAll } from "./close-all.js";
export type { Close } from "./close-all.js";
export { openHost } from "./host.js";
export type { DriverSettings, EventStreamOptions, Host, HostDatabase, HostDriving, HostForge, HostSettings } from "./host.js";
export { makeFolder } from "./own-folder.js";
export { jobRetention } from "./job-retention.js";
export { hostDoors } from "./host-doors.js";
export { createModelProxy } from "./model-proxy-listener.js";
export type { ListenerLimits, ModelProxySettings } from "./model-proxy-listener.js";
export { deadOwners, ownerOfThisProcess, releaseDeadOwners } from "./owner.js";
export { createScryptPasswords } from "./scrypt-passwords.js";
export type { ScryptParameters } from "./scrypt-passwords.js";
