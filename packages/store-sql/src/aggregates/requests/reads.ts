import type { RequestReads } from "@millrace/kernel";
import type { SqlConnection } from "../../connection.js";
import { statement } from "../../statement.js";
import { keyColumns } from "./changes.js";
import type { RequestRow } from "./table.js";

export function requestReads(connection: SqlConnection): RequestReads {
  const { db } = connection;
  const get = statement<Pick<RequestRow, "scope" | "caller" | "operation" | "key">>()((p) =>
    db
      .selectFrom("requests")
      .select(["digest", "answer", "at"])
      .where("scope", "=", p("scope"))
      .where("caller", "=", p("caller"))
      .where("operation", "=", p("operation"))
      .where("key", "=", p("key")),
  );
  return {
    async get(request) {
      const [row] = await connection.all(get, keyColumns(request));
      return row === undefined ? null : { ...request, ...row };
    },
  };
}
