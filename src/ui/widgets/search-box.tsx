// SPDX-License-Identifier: Apache-2.0
// One box for everything: block number, transaction id, key.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { messageOf } from '../../common/runtime/errors.ts';
import { useMessages } from '../i18n/index.ts';
import { resolveSearch } from '../model/search.ts';
import { navigate, page } from '../router.ts';
import { useChannelIfAny, useLedger } from './context.ts';
import { Icon } from './icon.tsx';

export function SearchBox(): JSX.Element {
  const m = useMessages();
  const { reader, height, namespaces, feed, place } = useLedger();
  const channel = useChannelIfAny();
  const [query, setQuery] = useState('');
  const [notice, setNotice] = useState<string>();
  const { route } = page.value;
  // A notice belongs to the page it appeared on.
  useEffect(() => setNotice(undefined), [route]);
  const search = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (query.trim() === '') return;
    try {
      const found = await resolveSearch(query, {
        reader,
        height: height.value,
        namespaces: namespaces.value,
        blocks: feed.blocks.value,
        ...(channel && { members: () => channel.members() }),
      });
      if (!found) return setNotice(m.search.nothing(query.trim()));
      setQuery('');
      setNotice(undefined);
      if (found.view !== 'class') navigate(place(found));
      else if (channel) navigate(channel.place(found));
    } catch (error) {
      setNotice(messageOf(error));
    }
  };
  return (
    <search class="search">
      <form onSubmit={(event) => void search(event)}>
        <Icon name="search" size={18} />
        <input
          type="search"
          name="q"
          aria-label={m.search.label}
          placeholder={m.search.placeholder}
          autocomplete="off"
          spellcheck={false}
          maxLength={300}
          value={query}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setNotice(undefined);
          }}
        />
      </form>
      <p class="search-notice" role="status">
        {notice}
      </p>
    </search>
  );
}
