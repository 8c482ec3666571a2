// SPDX-License-Identifier: Apache-2.0
// The language of the page: `?lang=` in the address, else the saved choice, else the browser's. Switching redraws, without reload.
import { computed, signal } from '@preact/signals';
import { en, type Messages } from './en.ts';
import { zh } from './zh.ts';

export type { Messages } from './en.ts';
export type Language = 'en' | 'zh';

/** Each language by the name that its readers look for. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

const catalogue: Readonly<Record<Language, Messages>> = { en, zh };

/** The first wish that can be met; `zh-TW`, `zh-Hans-CN` and the like count as `zh`. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const base = wish?.toLowerCase().split('-')[0];
    if (base === 'en' || base === 'zh') return base;
  }
  return 'en';
}

export const language = signal<Language>('en');
const messages = computed(() => catalogue[language.value]);

/** The words of the page; a component that calls it is redrawn when the language changes. */
export function useMessages(): Messages {
  return messages.value;
}
