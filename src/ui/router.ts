// SPDX-License-Identifier: Apache-2.0
// Pages live after the `#`: nothing of it, above all no enrolment secret, ever reaches a server, and every page
// survives a reload. The hash is typed by people and comes in links: all of it is checked here.
import { signal } from '@preact/signals';

/** The pages that any ledger has: a channel's own, or one that was opened from files (`#/ledger/<id>/blocks/5`). */
export type LedgerRoute =
  | { readonly view: 'blocks' }
  | { readonly view: 'block'; readonly number: number }
  | { readonly view: 'tx'; readonly txId: string }
  | { readonly view: 'state'; readonly chaincode?: string; readonly prefix?: string }
  | { readonly view: 'key'; readonly chaincode: string; readonly key: string };

/** The pages of a channel (`#/channels/<name>/blocks/5`). By themselves (`#/blocks/5`) they are the default channel's. */
export type ChannelRoute =
  | LedgerRoute
  | { readonly view: 'home' }
  | { readonly view: 'network' }
  | { readonly view: 'class'; readonly query?: string }
  | { readonly view: 'chaincode' };

export type Route =
  | ChannelRoute
  | { readonly view: 'channel'; readonly channel: string; readonly page: ChannelRoute }
  | {
      readonly view: 'join';
      readonly org?: string;
      readonly secret?: string;
      readonly name?: string;
    }
  | { readonly view: 'ledger'; readonly id?: string; readonly page?: LedgerRoute }
  | { readonly view: 'invite'; readonly admin?: string }
  | { readonly view: 'unknown'; readonly path: string };

const LEDGER_VIEWS = ['blocks', 'block', 'tx', 'state', 'key'] as const;
const CHANNEL_VIEWS = [...LEDGER_VIEWS, 'home', 'network', 'class', 'chaincode'] as const;

export interface PageLocation {
  readonly route: Route;
  /** Settings that any page may carry: `lang`, `theme`, `present`. */
  readonly params: URLSearchParams;
}

/** Longer hashes are refused: no page needs one. */
const MAX_HASH_CHARACTERS = 8192;

export function parseHash(hash: string): PageLocation {
  const text = hash.replace(/^#/, '');
  if (text.length > MAX_HASH_CHARACTERS) return unknown(text.slice(0, 80));
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const params = new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1));
  const segments = decodeSegments(path);
  return { route: segments ? routeOf(segments, params, path) : { view: 'unknown', path }, params };
}

function unknown(path: string): PageLocation {
  return { route: { view: 'unknown', path }, params: new URLSearchParams() };
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path
      .replace(/^\/|\/$/g, '')
      .split('/')
      .map(decodeURIComponent);
  } catch {
    return undefined; // a stray % in a hand-made link
  }
}

function routeOf(segments: readonly string[], params: URLSearchParams, path: string): Route {
  const [view = '', first, ...rest] = segments;
  if (first === undefined) return pageOf(view, params, path);
  if (view === 'channels' && first !== '') return channelRoute(first, rest, params, path);
  if (view === 'blocks' && rest.length === 0 && /^\d{1,15}$/.test(first)) {
    return { view: 'block', number: Number(first) };
  }
  if (view === 'tx' && rest.length === 0 && first !== '') return { view: 'tx', txId: first };
  if (view === 'state' && first !== '') return stateRoute(first, rest.join('/'), params);
  if (view === 'ledger' && rest.length === 0) return { view, id: first };
  const page = view === 'ledger' ? routeOf(rest, params, path) : undefined;
  if (page && isLedgerRoute(page)) return { view: 'ledger', id: first, page };
  return { view: 'unknown', path };
}

function channelRoute(
  channel: string,
  rest: readonly string[],
  params: URLSearchParams,
  path: string,
): Route {
  const page = routeOf(rest, params, path);
  return isChannelRoute(page) ? { view: 'channel', channel, page } : { view: 'unknown', path };
}

function isLedgerRoute(route: Route): route is LedgerRoute {
  return LEDGER_VIEWS.some((view) => view === route.view);
}

/** Whether a page belongs to a channel, and its address names none. */
export function isChannelRoute(route: Route): route is ChannelRoute {
  return CHANNEL_VIEWS.some((view) => view === route.view);
}

function pageOf(view: string, params: URLSearchParams, path: string): Route {
  switch (view) {
    case '':
      return { view: 'home' };
    case 'join':
      return {
        view,
        ...optional('org', params.get('org')),
        ...optional('secret', params.get('secret')),
        ...optional('name', params.get('name')),
      };
    case 'state':
      return { view, ...optional('prefix', params.get('prefix')) };
    case 'class':
      return { view, ...optional('query', params.get('query')) };
    case 'invite':
      return { view, ...optional('admin', params.get('admin')) };
    case 'network':
    case 'blocks':
    case 'chaincode':
    case 'ledger':
      return { view };
    default:
      return { view: 'unknown', path };
  }
}

function stateRoute(chaincode: string, key: string, params: URLSearchParams): Route {
  if (key !== '') return { view: 'key', chaincode, key };
  return { view: 'state', chaincode, ...optional('prefix', params.get('prefix')) };
}

function optional<Name extends string>(name: Name, value: string | null): { [K in Name]?: string } {
  return value ? ({ [name]: value } as { [K in Name]?: string }) : {};
}

/** The link to a page. */
export function hrefOf(route: Route): string {
  switch (route.view) {
    case 'home':
      return '#/';
    case 'join':
      return `#/join${query({ org: route.org, secret: route.secret, name: route.name })}`;
    case 'block':
      return `#/blocks/${route.number}`;
    case 'tx':
      return `#/tx/${encode(route.txId)}`;
    case 'state':
      return `#/state${route.chaincode ? `/${encode(route.chaincode)}` : ''}${query({ prefix: route.prefix })}`;
    case 'class':
      return `#/class${query({ query: route.query })}`;
    case 'key':
      return `#/state/${encode(route.chaincode)}/${encode(route.key)}`;
    case 'channel': {
      const page = route.page.view === 'home' ? '' : hrefOf(route.page).slice(1);
      return `#/channels/${encode(route.channel)}${page}`;
    }
    case 'ledger': {
      const page = route.page ? hrefOf(route.page).slice(1) : '';
      return `#/ledger${route.id ? `/${encode(route.id)}` : ''}${page}`;
    }
    case 'unknown':
      return `#${route.path}`;
    default:
      return `#/${route.view}`;
  }
}

// A key may hold lone surrogates, which encodeURIComponent refuses.
const encode = (text: string): string =>
  encodeURIComponent(text.replace(/[\ud800-\udfff]/gu, '\ufffd'));

function query(values: Readonly<Record<string, string | undefined>>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value) params.set(name, value);
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** Where the page is now. */
export const page = signal<PageLocation>(parseHash(''));

/** Follows the address bar. */
export function startRouter(): () => void {
  const follow = (): void => {
    page.value = parseHash(window.location.hash);
  };
  follow();
  window.addEventListener('hashchange', follow);
  return () => window.removeEventListener('hashchange', follow);
}

export function navigate(route: Route, options: { replace?: boolean } = {}): void {
  const href = hrefOf(route);
  if (options.replace) {
    window.history.replaceState(null, '', href);
    page.value = parseHash(href);
  } else {
    window.location.hash = href.slice(1);
  }
}
