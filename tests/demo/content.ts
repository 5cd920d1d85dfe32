import type { ApiClient } from "../e2e/mod.ts";

/** What a demonstration cluster holds beside its admin: each thing is made at another server. */
const GROUPS = ["developers", "designers", "operations"];

const PEOPLE = [
  { username: "ana", email: "ana@example.com", groups: ["developers"], timezone: "Australia/Sydney" },
  { username: "ben", email: "ben@example.com", groups: ["developers", "operations"], timezone: "Europe/London" },
  { username: "chloe", email: "chloe@example.com", groups: ["designers"], timezone: "America/New_York" },
  { username: "dario", email: "dario@example.com", groups: ["operations"], timezone: "Europe/Rome" },
];

const TEMPLATES = [
  {
    name: "debian",
    platform: "docker",
    description: "A plain Debian box",
    job: 'image: "debian:12"\nenvironment:\n  - "TZ=${{ .user.timezone }}"\n',
    with_terminal: true,
    with_ssh: true,
  },
  {
    name: "python",
    platform: "podman",
    description: "Python with a package cache",
    job: 'image: "python:3.13"\nvolumes:\n  - "cache:/root/.cache"\n',
    volumes: "volumes:\n  cache:\n",
    with_code_server: true,
  },
  {
    name: "gpu-lab",
    platform: "nomad",
    description: "Only where the graphics cards are",
    job: 'job "gpu" {\n  type = "service"\n}\n',
    zones: ["us"],
  },
];

const VARIABLES = [
  { name: "registry", value: "registry.example.com" },
  { name: "registry_password", value: "not-a-real-one", protected: true },
  { name: "mirror", value: "https://mirror.example.com/au", zones: ["au"] },
];

/** What of {@link fill} must be at every server. */
export const CONTENT_PATHS: readonly string[] = [
  ...GROUPS.map((name) => `/api/groups/${name}`),
  ...PEOPLE.map(({ username }) => `/api/users/${username}`),
  ...TEMPLATES.map(({ name }) => `/api/templates/${name}`),
  ...VARIABLES.map(({ name }) => `/api/templatevars/${name}`),
];

/**
 * Makes groups, people, templates and variables through the API, in turn at each of `admins`' servers. Everybody has `password`.
 *
 * @throws {UnexpectedAnswer} when a server refuses
 */
export async function fill(admins: readonly ApiClient[], password: string): Promise<void> {
  let turn = 0;
  const next = () => admins[turn++ % admins.length];
  const groupIds = new Map<string, string>();
  for (const name of GROUPS) groupIds.set(name, (await admins[0].create("/api/groups", { name })).group_id);
  // Its groups are known at the server where they were made; at the others a moment later.
  const people = PEOPLE.map((person) => ({
    ...person,
    password,
    active: true,
    roles: [],
    groups: person.groups.map((name) => groupIds.get(name)!),
  }));
  await Promise.all([
    ...people.map((person) => admins[0].create("/api/users", person)),
    ...TEMPLATES.map((template) => next().create("/api/templates", template)),
    ...VARIABLES.map((variable) => next().create("/api/templatevars", variable)),
  ]);
}
