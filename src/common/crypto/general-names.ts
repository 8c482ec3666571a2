// SPDX-License-Identifier: Apache-2.0
// Names in certificates, as far as Go 1.26 refuses them: URIs (net/url), domains and mailboxes (crypto/x509/parser.go and verify.go). Nothing here
// says that a name is a good one.

/** The host of a URI, empty when it names none; undefined when Go's url.Parse takes it for none. */
export function uriHost(uri: string): string | undefined {
  const [whole = '', fragment = ''] = cut(uri, '#');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are refused
  if (/[\0-\x1f\x7f]/.test(whole) || !isEscaped(fragment)) return undefined;
  if (whole === '*') return '';
  if (whole.startsWith(':')) return undefined;
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(whole)?.[1] ?? '';
  const [rest = ''] = cut(scheme === '' ? whole : whole.slice(scheme.length + 1), '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return '';
    const [segment = ''] = cut(rest, '/');
    return segment.includes(':') || !isEscaped(rest) ? undefined : '';
  }
  if (!rest.startsWith('//') || (scheme === '' && rest.startsWith('///')))
    return isEscaped(rest) ? '' : undefined;
  const [, authority = '', path = ''] = /^\/\/([^/]*)(.*)$/s.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(at, 0));
  const isUser = /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) && isEscaped(user);
  if (!isUser || !isEscaped(path)) return undefined;
  return hostOf(scheme.toLowerCase(), authority.slice(at + 1));
}

/** domainNameValid: no empty label, printable ASCII. Nothing at all is allowed; a constraint may begin with a dot. */
export function isDomain(
  name: string,
  { isConstraint = false }: { isConstraint?: boolean } = {},
): boolean {
  if (name === '') return true;
  const labels = (isConstraint && name.startsWith('.') ? name.slice(1) : name).split('.');
  return labels.every((label) => /^[!-~]+$/.test(label));
}

/** parseRFC2821Mailbox. */
export function isMailbox(text: string): boolean {
  const quoted =
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a quoted string may hold them
    /^"(?:[\x01-\x08\x0b\x0c\x0e-!#-[\]-\x7f]|\\[\x01-\x09\x0b\x0c\x0e-\x7f])*"@(.*)$/s;
  const atoms = /^((?:[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~.]|\\.)+)@(.*)$/s;
  const inQuotes = quoted.exec(text);
  if (inQuotes) return isReversible(inQuotes[1] ?? '');
  const [, local = '', domain = ''] = (text.startsWith('"') ? null : atoms.exec(text)) ?? [];
  const plain = local.replace(/\\(.)/gs, '$1');
  if (plain === '' || /^\.|\.$|\.\./.test(plain)) return false;
  return isReversible(domain);
}

// domainToReverseLabels: without a dot at an end, or two in a row.
function isReversible(domain: string): boolean {
  return domain === '' || domain.split('.').every((label) => /^[!-~]+$/.test(label));
}

// parseHost, with unescape(host, encodeHost).
function hostOf(scheme: string, host: string): string | undefined {
  const bracket = host.lastIndexOf('[');
  if (bracket > 0) return undefined;
  if (bracket === 0) {
    const [, inside = '', port = ''] = /^\[(.*)\]([^\]]*)$/s.exec(host) ?? [];
    return isIPv6Literal(inside) && isPort(port) ? `[${inside}]${port}` : undefined;
  }
  const isStrict = scheme === 'http' || scheme === 'https';
  const colon = isStrict ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0 && !isPort(host.slice(colon))) return undefined;
  return unescapedHost(host);
}

const isPort = (text: string): boolean => /^(:[0-9]*)?$/.test(text);

// The byte of an escape above 0x7f is no printable character, which is all that is asked of it later.
function unescapedHost(host: string): string | undefined {
  if (!/^(?:[A-Za-z0-9\-._~!"$&'()*+,:;<=>[\]]|%[89a-fA-F][0-9a-fA-F]|%25)*$/.test(host))
    return undefined;
  return host.replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function isIPv6Literal(text: string): boolean {
  const [address = '', ...zone] = text.split('%25');
  const hasZone = zone.length > 0;
  const isZone = /^(?:[A-Za-z0-9\-._~!"$&'()*+,:;<=>[\]]|%[0-9a-fA-F]{2})+$/;
  if (hasZone && !isZone.test(zone.join('%25'))) return false;
  return address.includes(':') && URL.canParse(`http://[${address}]/`);
}

function isEscaped(text: string): boolean {
  return !/%(?![0-9a-fA-F]{2})/.test(text);
}

function cut(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
