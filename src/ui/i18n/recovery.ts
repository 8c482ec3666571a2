// SPDX-License-Identifier: Apache-2.0
// The words for what can be done about a ledger that cannot be opened. They load with that offer, which hardly anybody ever sees.
import { type Language, language } from './index.ts';

export const recoveryEn = {
  rebuildDBs: 'Make the databases again from the blocks',
  rebuildDBsHelp:
    'State, history and index are made again from the blocks kept in this tab. Nothing is lost.',
  remove: 'Delete this ledger and fetch it again',
  removeHelp:
    'The peer keeps its name; its blocks come from other peers or the orderer. Private data that only this tab has is lost.',
  removeReally: 'Delete this ledger? Private data that only this tab has is lost for good.',
  removeYes: 'Yes, delete',
  removeNo: 'Keep it',
  resume: 'Resume',
  resumeHelp: 'The ledger is opened, and the peer goes on where it was.',
};

export const recoveryZh: typeof recoveryEn = {
  rebuildDBs: '用区块重建数据库',
  rebuildDBsHelp: '用本标签页保存的区块重新生成状态、历史和索引，不丢失数据。',
  remove: '删除账本并重新获取',
  removeHelp: '节点名称不变，区块从其他节点或排序服务取得；只有本标签页才有的私有数据会丢失。',
  removeReally: '确定删除这个账本？只有本标签页才有的私有数据将永久丢失。',
  removeYes: '是，删除',
  removeNo: '保留',
  resume: '恢复',
  resumeHelp: '打开账本，节点从原处继续。',
};

const messages: Readonly<Record<Language, typeof recoveryEn>> = { en: recoveryEn, zh: recoveryZh };

/** The words in the language of the page; a component that calls it is redrawn when the language changes. */
export function useRecoveryMessages(): typeof recoveryEn {
  return messages[language.value];
}
