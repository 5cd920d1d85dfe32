/**
 * Ordered durable rows of opaque bytes: Deno KV on disk, and memory for tests and the simulator. The room knows nothing of
 * what the rows mean. It promises that a commit is on disk, whole, before it is answered; that commits made together
 * cost one write; and that values of any size look like one row.
 */
export { COMMIT_MUTATIONS_MAX, COMMIT_VALUE_BYTES_MAX } from "./commit_queue.ts";
export { DATABASE_FILE, LOCK_FILE, setDatabaseAside } from "./database_files.ts";
export { faultyStore, type StoreFaults } from "./faulty_store.ts";
export { checkDatabaseFile } from "./file_check.ts";
export { type Identity, NODE_ID_KEY, openIdentity, renewNodeId } from "./identity.ts";
export { type KvStoreOptions, openKvStore } from "./kv_store.ts";
export { type MemoryStore, memoryStore } from "./memory_store.ts";
export { type ListOptions, type Mutation, type RecordStore, type Row, type RowKey, StoreError } from "./store.ts";
