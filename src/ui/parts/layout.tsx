// deno-lint-ignore-file jsx-key -- keys tell re-renders apart; this is rendered once, on the server.
import type { Context } from "hono";
import type { Child, FC } from "hono/jsx";
import { type Principal } from "../../accounts/mod.ts";
import { type Flash, takeFlash } from "../flash.ts";
import { menuItems } from "../menu.ts";
import type { Site } from "../site.ts";

/** In order of loading: later sheets have the last word. */
const STYLE_SHEETS = ["style.css", "surfaces.css", "forms.css", "tables.css", "cluster.css", "modes.css"];

/** What the frame around a page needs to know. */
export interface PageHead {
  /** Title of the window, and nothing else: the page brings its own `h1`. */
  readonly title: string;
  /** Path of the menu item to mark as current. */
  readonly active?: string;
  /** HTTP status; 200 unless told. */
  readonly status?: 200 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503 | 507;
  /** Names of scripts in `static/` that the page uses. */
  readonly scripts?: readonly string[];
}

/** Answers with a page in the frame of a signed-in visitor. */
export function page(
  c: Context,
  site: Site,
  principal: Principal,
  head: PageHead,
  content: Child,
): Response | Promise<Response> {
  const flash = takeFlash(c);
  return answer(
    c,
    head,
    <Document site={site} head={head}>
      <a class="skip" href="#main">Skip to content</a>
      <div class="shell">
        <header class="side">
          <Brand site={site} />
          <nav aria-label="Main">
            <MenuList site={site} principal={principal} active={head.active} />
          </nav>
          <Who site={site} principal={principal} active={head.active} />
        </header>
        <header class="top">
          <div class="top-bar">
            <Brand site={site} />
          </div>
          <details>
            <summary>Menu</summary>
            <nav aria-label="Main">
              <MenuList site={site} principal={principal} active={head.active} />
            </nav>
            <Who site={site} principal={principal} active={head.active} />
          </details>
        </header>
        <main id="main" tabindex={-1}>
          {site.node.status().store.kind === "refusing" ? <DiskNotice /> : null}
          {flash === undefined ? null : <FlashNotice flash={flash} />}
          {content}
        </main>
      </div>
    </Document>,
  );
}

/** Answers with a small centred page for visitors who are not signed in. */
export function gatePage(c: Context, site: Site, head: PageHead, content: Child): Response | Promise<Response> {
  const flash = takeFlash(c);
  return answer(
    c,
    head,
    <Document site={site} head={head}>
      <div class="gate">
        <main id="main">
          <Brand site={site} />
          {flash === undefined ? null : <FlashNotice flash={flash} />}
          {content}
        </main>
      </div>
    </Document>,
  );
}

function answer(c: Context, head: PageHead, document: Child): Response | Promise<Response> {
  return c.html(`<!DOCTYPE html>${document}`, head.status ?? 200);
}

const Document: FC<{ site: Site; head: PageHead; children?: Child }> = ({ site, head, children }) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{`${head.title} · knot`}</title>
      <link rel="icon" href={site.assets.url("icon.svg")} type="image/svg+xml" />
      {STYLE_SHEETS.map((name) => <link rel="stylesheet" href={site.assets.url(name)} />)}
      {(head.scripts ?? []).map((name) => <script type="module" src={site.assets.url(name)}></script>)}
    </head>
    <body>{children}</body>
  </html>
);

/** On every page, so that nobody fills in a form for nothing. */
const DiskNotice: FC = () => (
  <div class="notice bad" role="alert">
    <p>
      This server cannot save anything now: its disk refuses writes. Everything can be read. Use another server, or tell
      whoever looks after this one.
    </p>
  </div>
);

const FlashNotice: FC<{ flash: Flash }> = ({ flash: { text, detail, problem } }) => (
  <div class={problem ? "notice bad" : "notice good"} role={problem ? "alert" : "status"}>
    <p>{text}</p>
    {detail === undefined ? null : <p class="small quiet">{detail}</p>}
  </div>
);

const Brand: FC<{ site: Site }> = ({ site }) => (
  <a class="brand" href="/">
    <img src={site.assets.url("icon.svg")} alt="" width="28" height="28" />
    knot
    <span class="zone">
      <span class="visually-hidden">, zone</span> {site.zone}
    </span>
  </a>
);

const MenuList: FC<{ site: Site; principal: Principal; active?: string }> = ({ site, principal, active }) => (
  <ul class="menu-list">
    {menuItems(principal, { clustered: site.node.status().clustered }).map((item) => (
      <li>
        <a href={item.path} aria-current={item.path === active ? "page" : undefined}>{item.label}</a>
      </li>
    ))}
  </ul>
);

const Who: FC<{ site: Site; principal: Principal; active?: string }> = ({ site, principal, active }) => (
  <div class="who">
    <ul class="menu-list">
      <li>
        <a href="/account" aria-current={active === "/account" ? "page" : undefined}>
          {principal.username}
          <span class="visually-hidden">, my account</span>
        </a>
      </li>
    </ul>
    <form method="post" action="/logout">
      <button class="button" type="submit">Sign out</button>
    </form>
    <p class="small quiet version">{`Version ${site.version}`}</p>
  </div>
);

/** Heading of a page, with what can be done there on the right. */
export const PageTitle: FC<{
  title: string;
  /** Where the page hangs: shown above the title as a way back. */
  up?: { label: string; path: string };
  children?: Child;
}> = ({ title, up, children }) => (
  <div class="page-head">
    <div>
      {up === undefined ? null : (
        <p class="crumb">
          <a href={up.path}>{up.label}</a>
        </p>
      )}
      <h1>{title}</h1>
    </div>
    {children === undefined ? null : <div class="actions">{children}</div>}
  </div>
);
