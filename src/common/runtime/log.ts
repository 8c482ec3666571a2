// SPDX-License-Identifier: Apache-2.0
// Levelled logging with data beside the text. error: a person must act; warn: something was refused or retried;
// info: one line a block or a change of role; debug: everything else.

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Logger {
  error(text: string, data?: unknown): void;
  warn(text: string, data?: unknown): void;
  info(text: string, data?: unknown): void;
  debug(text: string, data?: unknown): void;
  /** A logger whose lines begin with `name`. */
  child(name: string): Logger;
}

export type LogSink = (level: LogLevel, name: string, text: string, data?: unknown) => void;

const consoleSink: LogSink = (level, name, text, data) => {
  const line = `[${name}] ${text}`;
  if (data === undefined) console[level](line);
  else console[level](line, data);
};

/** A logger that passes lines up to `level` to the console, or to `sink`. */
export function createLogger(name: string, level: LogLevel = 'info', sink = consoleSink): Logger {
  const limit = LOG_LEVELS.indexOf(level);
  const write =
    (of: LogLevel) =>
    (text: string, data?: unknown): void => {
      if (LOG_LEVELS.indexOf(of) <= limit) sink(of, name, text, data);
    };
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    child: (part) => createLogger(`${name}.${part}`, level, sink),
  };
}

export const silentLogger: Logger = createLogger('silent', 'error', () => {});
