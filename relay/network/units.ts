// SPDX-License-Identifier: Apache-2.0
// Durations and sizes as Fabric's YAML files write them: Go's time.ParseDuration, and viper's byte sizes (powers of 1024).

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Milliseconds of `2s`, `200ms`, `1m30s`, `0.5h`; undefined when it is no duration. Finer units than ms are refused. */
export function parseDuration(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) return undefined;
  const ms = parts.reduce(
    (sum, part) => sum + Number(part[1]) * (DURATION_MS[part[2] ?? ''] ?? 0),
    0,
  );
  return Number.isFinite(ms) ? Math.round(ms) : undefined;
}

/** Go's spelling of a duration: `2s`, `200ms`, `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms > 0 && ms < 1000) return `${ms}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1000;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 || ms < 60_000 ? `${seconds}s` : ''}`;
}

/** Bytes of `512 KB`, `99 MB`, `2m`, `1048576`; undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)\s*([kmg]?)b?$/i.exec(text.trim());
  const unit = SIZE_BYTES[(match?.[2] ?? '').toLowerCase()];
  if (!match || unit === undefined) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
