/**
 * Real server processes on real sockets: how tests and the demonstration start them, talk to them, kill them and clean
 * up after them. With KNOT_BINARY the executable is what runs, else the source.
 */
export { ApiClient } from "./api_client.ts";
export { ADMIN, Cluster, type ClusterOptions, ZONES } from "./cluster.ts";
export { clusterTest, eachTransport } from "./cluster_test_case.ts";
export { Hopeless, timed, until } from "./deadline.ts";
export { freePorts } from "./free_ports.ts";
export { type HttpAnswer, HttpConnection } from "./http_connection.ts";
export { type Finished, knot, KnotProcess, knotWords } from "./knot_process.ts";
export {
  type Loaded,
  loadRecords,
  randomText,
  RECORD_BYTES,
  type SeededRecord,
  seededRecords,
} from "./seeded_records.ts";
export { type ClusterTransport, Server, STOP_TIMEOUT_MS } from "./server.ts";
export { withServer } from "./single_server.ts";
