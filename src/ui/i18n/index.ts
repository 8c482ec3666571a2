// SPDX-License-Identifier: Apache-2.0
// The language of the page: `?lang=` in the address, else the saved choice, else the browser's. Switching redraws, without reload.
// Each language is a chunk of its own, so that nobody waits for words that they do not read.
import { batch, signal } from '@preact/signals';
import type { Messages } from './en.ts';

export type { Messages } from './en.ts';
export type Language = 'en' | 'zh';

/** Each language by the name that its readers look for. */
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', zh: '中文' };

const loaders: Readonly<Record<Language, () => Promise<Messages>>> = {
  en: async () => (await import('./en.ts')).en,
  zh: async () => (await import('./zh.ts')).zh,
};

/** The first wish that can be met; `zh-TW`, `zh-Hans-CN` and the like count as `zh`. */
export function chooseLanguage(wishes: readonly (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    const base = wish?.toLowerCase().split('-')[0];
    if (base === 'en' || base === 'zh') return base;
  }
  return 'en';
}

/** The language shown now. */
export const language = signal<Language>('en');
const messages = signal<Messages | undefined>(undefined);

/** Shows the page in a language, once its words are here. Rejects when they cannot be fetched; the page stays as it was. */
export async function showLanguage(next: Language): Promise<void> {
  const words = await loaders[next]();
  batch(() => {
    language.value = next;
    messages.value = words;
  });
}

/** Fetches the other languages too, so that switching works when the relay is gone. */
export async function prefetchLanguages(): Promise<void> {
  await Promise.all(Object.values(loaders).map((load) => load()));
}

/** The words of the page; a component that calls it is redrawn when the language changes. */
export function useMessages(): Messages {
  if (!messages.value) throw new Error('no language was loaded before the first paint');
  return messages.value;
}
