// SPDX-License-Identifier: Apache-2.0
// Language at one press; colours and large text behind a button.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { LANGUAGES, type Language, language, useMessages } from '../i18n/index.ts';
import {
  largeText,
  setLanguage,
  setLargeText,
  setTheme,
  THEMES,
  theme,
} from '../model/settings.ts';
import { Icon } from './icon.tsx';

export function Preferences(): JSX.Element {
  const m = useMessages();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => {
      const outside = event instanceof PointerEvent && !box.current?.contains(event.target as Node);
      if (outside || (event instanceof KeyboardEvent && event.key === 'Escape')) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [open]);
  return (
    <div class="preferences" ref={box}>
      <LanguageButton />
      <button
        type="button"
        class="icon-button"
        aria-expanded={open}
        aria-label={m.app.preferences}
        title={m.app.preferences}
        onClick={() => setOpen(!open)}
      >
        <Icon name="sliders" />
      </button>
      {open && <PreferencesPanel />}
    </div>
  );
}

/** Named in the other language, for those who cannot read this one. */
function LanguageButton(): JSX.Element {
  const other: Language = language.value === 'en' ? 'zh' : 'en';
  return (
    <button
      type="button"
      class="language"
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      data-testid="language-switch"
      onClick={() => setLanguage(other)}
    >
      {LANGUAGES[other]}
    </button>
  );
}

function PreferencesPanel(): JSX.Element {
  const m = useMessages();
  return (
    <div class="popover">
      <fieldset>
        <legend>{m.app.theme}</legend>
        {THEMES.map((value) => (
          <label key={value} class="choice">
            <input
              type="radio"
              name="theme"
              checked={theme.value === value}
              onChange={() => setTheme(value)}
            />
            {m.app.themes[value]}
          </label>
        ))}
      </fieldset>
      <label class="choice">
        <input
          type="checkbox"
          checked={largeText.value}
          onChange={(event) => setLargeText(event.currentTarget.checked)}
        />
        {m.app.largeText}
      </label>
    </div>
  );
}
