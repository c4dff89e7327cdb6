import { z } from "zod";
import { positionSchema, serviceTypeSchema, sizeSchema } from "../board/entity.schema.js";
import { repositoryRefSchema } from "../run/evidence.schema.js";
import { idSchema, timestampSchema } from "../shared/scalars.schema.js";

// oxlint-disable-next-line no-control-regex -- they are what is refused
const CONTROL = /[\u0000-\u001F\u007F]/;

/** Segments of a folder's path as it is compared and stored: none for the repository itself. */
const segmentsOf = (path: string): readonly string[] =>
  path
    .trim()
    .replaceAll("\\", "/")
    .split("/")
    .filter((segment) => segment !== "" && segment !== ".");

/**
 * Folder of a repository that a service lives in: `packages/api`, without slashes at its ends. Null: the whole repository. `.`, empty
 * segments and backslashes are normalised; `..` and control characters are refused.
 */
export const directorySchema = z
  .string()
  .max(400)
  .refine((path) => !CONTROL.test(path), "no control characters")
  .refine((path) => !segmentsOf(path).includes(".."), "a folder inside the repository")
  .transform((path) => segmentsOf(path).join("/"))
  .transform((path) => (path === "" ? null : path))
  .nullable();

/** A service as the directory of its account lists it. */
export const sharedServiceSchema = z.strictObject({
  /** That of its block at home. */
  id: idSchema,
  accountId: idSchema,
  /** Workspace in which its blocks and runs are stored. */
  homeId: idSchema,
  title: z.string().min(1).max(200),
  type: serviceTypeSchema.nullable(),
  repository: repositoryRefSchema.nullable(),
  /** Folder of the repository; null: all of it. */
  directory: z.string().min(1).max(400).nullable(),
  createdAt: timestampSchema,
});
/** Directory entry of a service: other boards of its account may show it. No two work on the same folder of a repository. */
export type SharedService = z.infer<typeof sharedServiceSchema>;

/** A service in the catalogue of an account. */
export const catalogueItemSchema = sharedServiceSchema.extend({
  /** Boards that show it, its home not counted. */
  boards: z.number().int().nonnegative(),
});
/** A service in the catalogue of an account, with the number of other boards that show it. */
export type CatalogueItem = z.infer<typeof catalogueItemSchema>;

/** A service of another board of the account, shown on this one. */
export const mountSchema = z.strictObject({
  /** Board that shows it. */
  workspaceId: idSchema,
  serviceId: idSchema,
  /** Board that it is stored on. */
  homeId: idSchema,
  /** Where this board draws it. Other boards draw it elsewhere. */
  position: positionSchema,
  /** Null: as large as at home. */
  size: sizeSchema.nullable(),
  /** Counts the changes of its layout, from 1. */
  revision: z.number().int().min(1),
  createdAt: timestampSchema,
});
/** A service shown on a board that is not its home: where it is drawn there. Its blocks and runs are at home only. */
export type Mount = z.infer<typeof mountSchema>;

/** A mount, with what its service is called. */
export const shownMountSchema = mountSchema.extend({ title: z.string().min(1).max(200), type: serviceTypeSchema.nullable() });
/** A mount whose service is there, and what that is called at home. */
export type ShownMount = z.infer<typeof shownMountSchema>;

/** Where a board draws a service. */
export const layoutSchema = z.strictObject({
  /** Null: it was never placed. */
  position: positionSchema.nullable(),
  size: sizeSchema.nullable(),
  revision: z.number().int().min(1),
});
/** Where a board draws a service, of its own or of another board. */
export type Layout = z.infer<typeof layoutSchema>;
