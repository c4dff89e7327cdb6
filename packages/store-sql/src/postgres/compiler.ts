import type { DataTypeNode } from "kysely";
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import type { Tables } from "../aggregates/tables.js";

/** Texts compare byte by byte, as in every other dialect: pages and ties do not depend on the locale of a server. */
class BytewiseCompiler extends PostgresQueryCompiler {
  protected override visitDataType(node: DataTypeNode): void {
    if (node.dataType === "text") this.append('text collate "C"');
    else super.visitDataType(node);
  }
}

/** Kysely as a compiler only: it types and writes the SQL, `PostgresConnection` runs it. */
export function postgresCompiler(): Kysely<Tables> {
  return new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new BytewiseCompiler(),
    },
  });
}
