// SPDX-License-Identifier: Apache-2.0
// How a person wants the page: language, colours, large text for a projector. Kept in the browser; the address may
// overrule it (`?lang=zh&theme=dark&present=1`), so that a teacher's link looks as meant.
import { effect, signal } from '@preact/signals';
import { chooseLanguage, type Language, language, showLanguage } from '../i18n/index.ts';

export type Theme = 'system' | 'light' | 'dark';
export const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>('system');
export const largeText = signal(false);

const KEYS = { language: 'tabric.lang', theme: 'tabric.theme', largeText: 'tabric.large' } as const;

/**
 * Reads the settings and follows them: `lang`, `data-theme` and `data-large` of the document element. Resolves when
 * the words of the language are here.
 */
export async function startSettings(params: URLSearchParams): Promise<void> {
  const wanted = chooseLanguage([
    params.get('lang'),
    new URLSearchParams(window.location.search).get('lang'),
    read(KEYS.language),
    ...navigator.languages,
  ]);
  theme.value = themeOf(params.get('theme') ?? read(KEYS.theme));
  largeText.value = (params.get('present') ?? read(KEYS.largeText)) === '1';
  effect(() => {
    document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
  });
  effect(() => {
    document.documentElement.dataset.theme = theme.value;
  });
  effect(() => {
    document.documentElement.dataset.large = String(largeText.value);
  });
  await showLanguage(wanted);
}

export function setLanguage(value: Language): void {
  write(KEYS.language, value);
  showLanguage(value).catch(reportError);
}

export function setTheme(value: Theme): void {
  theme.value = value;
  write(KEYS.theme, value);
}

export function setLargeText(value: boolean): void {
  largeText.value = value;
  write(KEYS.largeText, value ? '1' : '0');
}

function themeOf(text: string | null): Theme {
  return THEMES.find((known) => known === text) ?? 'system';
}

// Storage may be refused (private windows, policies): a setting then lasts as long as the page.
function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the setting holds for this page.
  }
}
