// SPDX-License-Identifier: Apache-2.0
// In place of winston, which needs streams and files: levels, and the formatter that Fabric's two packages pass in.

const LEVELS = ['fatal', 'error', 'warn', 'info', 'verbose', 'debug', 'silly'] as const;
const SPLAT = Symbol.for('splat');

type LogSink = (level: string, text: string) => void;
type Info = Record<string | symbol, unknown>;
type Format = (info: Info) => string;

let sink: LogSink = () => {};
const loggers: WinstonLogger[] = [];

/** Says where lines go, and up to which of Fabric's levels (CRITICAL to DEBUG). */
export function setLogSink(write: LogSink, level: string): void {
  sink = write;
  const fabricLevels: Record<string, string> = { CRITICAL: 'fatal', WARNING: 'warn' };
  // Loggers are made when the bundle is loaded, before the level is known.
  for (const logger of loggers) logger.level = fabricLevels[level] ?? level.toLowerCase();
}

type LogMethod = (...args: unknown[]) => void;

/** Levels as methods, and `level`, which Fabric's loggers set at any time. */
export type WinstonLogger = { level: string } & Record<(typeof LEVELS)[number], LogMethod>;

// Called with and without `new`.
export function createLogger(options: { level?: string; format?: Format } = {}): WinstonLogger {
  const write = options.format ?? ((info) => String(info.message));
  const rank = (level: string): number => (LEVELS as readonly string[]).indexOf(level);
  const logger = { level: options.level ?? 'info' } as WinstonLogger;
  for (const level of LEVELS) {
    logger[level] = (message: unknown, ...splat: unknown[]) => {
      if (rank(level) > rank(logger.level)) return;
      const more = splat.length > 0 ? { [SPLAT]: splat } : {};
      sink(level, write({ timestamp: '', level: '', message, ...more }).trim());
    };
  }
  loggers.push(logger);
  return logger;
}

const ignored = (): undefined => undefined;

export const format = {
  combine: (...formats: (Format | undefined)[]) => formats.find((one) => one !== undefined),
  printf: (write: Format) => write,
  timestamp: ignored,
  metadata: ignored,
  colorize: ignored,
  padLevels: ignored,
  label: ignored,
  json: ignored,
  simple: ignored,
  splat: ignored,
};

class Transport {}
export const transports = { Console: Transport, File: Transport };
