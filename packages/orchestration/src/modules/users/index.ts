import { defineModule, type Module } from "../../platform/module.js";
import { PasswordsService } from "./passwords-service.js";
import { UsersService, type UsersCalls, type UsersPorts } from "./users-service.js";

/** Users, and what proves that they are themselves. */
export interface UsersModuleService {
  readonly users: UsersService;
  readonly passwords: PasswordsService;
}

/** Users of a host: profiles, ways to sign in, passwords, and proofs by mail. */
export function usersModule(ports: UsersPorts, calls: UsersCalls): Module<UsersModuleService> {
  const service = { users: new UsersService(ports, calls), passwords: new PasswordsService(ports, calls) };
  return defineModule({
    name: "users",
    service,
    sweeps: [{ name: "users.proofs", run: (now, limit) => service.passwords.deleteExpired(now, limit) }],
  });
}
