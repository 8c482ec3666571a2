// SPDX-License-Identifier: Apache-2.0
// 各种代码的中文说明：验证结果、故障、加入时的错误。没有列出的代码原样显示。
import type { enCodes } from './en-codes.ts';

export const zhCodes = {
  codes: {
    VALID: '有效：背书满足策略，读取的内容没有变化，写入已进入世界状态。',
    BAD_PAYLOAD: '无法解码交易内容。',
    BAD_COMMON_HEADER: '交易头的格式有误。',
    BAD_CREATOR_SIGNATURE: '创建者的签名不符，或者其证书在本通道无效。',
    INVALID_ENDORSER_TRANSACTION: '交易的结构不符合背书交易的要求。',
    INVALID_CONFIG_TRANSACTION: '这项配置变更不被允许。',
    UNSUPPORTED_TX_PAYLOAD: '不支持这种交易内容。',
    BAD_PROPOSAL_TXID: '交易 ID 不是由其随机数和创建者算出的哈希。',
    DUPLICATE_TXID: '账本中已有相同 ID 的交易。',
    ENDORSEMENT_POLICY_FAILURE: '背书不满足链码（或它所写的键）的背书策略。',
    MVCC_READ_CONFLICT: '它读过的一个键，在验证之前被另一笔交易写了。',
    PHANTOM_READ_CONFLICT: '它读过的一个范围，在背书之后增加或减少了键。',
    UNKNOWN_TX_TYPE: '未知的交易类型。',
    TARGET_CHAIN_NOT_FOUND: '它所指的通道，本节点没有加入。',
    MARSHAL_TX_ERROR: '无法编码这笔交易。',
    NIL_ENVELOPE: '信封是空的。',
    NIL_TXACTION: '交易中没有动作。',
    EXPIRED_CHAINCODE: '链码已被更新的版本取代。',
    CHAINCODE_VERSION_CONFLICT: '背书时用的是链码的另一个版本。',
    BAD_HEADER_EXTENSION: '交易头扩展的格式有误。',
    BAD_CHANNEL_HEADER: '通道头的格式有误。',
    BAD_RESPONSE_PAYLOAD: '背书响应的格式有误。',
    BAD_RWSET: '读写集的格式有误。',
    ILLEGAL_WRITESET: '它写入了链码不许写的地方。',
    INVALID_WRITESET: '写集的格式有误。',
    INVALID_CHAINCODE: '它所指的链码没有在本通道定义。',
    NOT_VALIDATED: '尚未验证。',
    INVALID_OTHER_REASON: '因其他原因无效，没有专门的代码。',
  },
  codeUnknown: '这笔交易无效。',
  faults: {
    QUOTA_EXCEEDED: {
      title: '浏览器的存储空间已满',
      help: '新区块无法保存。请腾出磁盘空间或清除其他网站的数据，然后刷新；缺少的区块会重新获取。',
    },
    STORAGE_REFUSED: {
      title: '浏览器拒绝存储',
      help: '账本只保存在内存中，关闭标签页即消失。请退出无痕模式，或允许本网站存储数据。',
    },
    NO_WEBRTC: {
      title: '标签页之间无法直连',
      help: '浏览器或网络屏蔽了 WebRTC。区块改由中继转发，一切照常，只是稍慢。',
    },
    LEDGERS_DIFFER: {
      title: '本账本与其他节点的账本不一致',
      help: '从某个区块开始，双方对同样的交易作出了不同的判定，最可能的原因是链码定义不同。重建数据库没有用：有误的一方必须用新账本重新加入。详情里写明了是哪个区块、哪些节点，以及有多少节点与本节点一致。',
    },
    LEDGER_CORRUPT: {
      title: '保存的账本已损坏',
      help: '可以用区块重建它的数据库，完成后页面会自动刷新。',
    },
    STORE_UNREADABLE: {
      title: '保存的账本有一部分无法读取',
      help: '可以用区块重建它的数据库，完成后页面会自动刷新。',
    },
    LEDGER_FAILED: {
      title: '账本已停止',
      help: '有区块已保存，但它带来的变化没有写完。请刷新本标签页：重新打开账本时会自动补上。',
    },
    LEDGER_CLOSED: {
      title: '正在重建数据库',
      help: '页面会自动刷新；如果没有，请手动刷新。',
    },
    STORE_LOST: {
      title: '本标签页的账本已被收走',
      help: '新版本的页面接管了它，或者本网站的数据已被清除。请刷新本标签页。',
    },
    COMMIT_FAILED: {
      title: '有区块无法记账',
      help: '本账本停在原处。请刷新页面：它会从停下的地方继续。',
    },
    WORKER_CRASHED: {
      title: '本标签页的节点已停止',
      help: '请刷新页面：账本和身份都还在。',
    },
    IDENTITY_CONFLICT: {
      title: '另一个标签页在使用本节点的身份',
      help: '可能复制了浏览器的用户数据。请关闭其中一个，或者打开邀请链接，成为新的节点。',
    },
    CHAINCODE_NOT_INSTALLED: {
      title: '有链码无法在本标签页启动',
      help: '其他节点仍可背书。请刷新重试，或者手动安装链码包。',
    },
    RELAY_GONE: {
      title: '中继没有应答',
      help: '读取照常，新交易需要等待。本标签页会自动重连。如果中继已停止，请重新启动它。',
    },
    OFFLINE: {
      title: '离线',
      help: '中继和其他标签页都连不上。请检查网络；本标签页会自动重连。',
    },
  },
  faultUnknown: '出现问题',
  errors: {
    JOIN_SECRET_EXPIRED: {
      title: '邀请已过期',
      help: '邀请链接有时限。请索取新的链接：中继的终端里会显示。',
    },
    DISPLAY_NAME_REFUSED: {
      title: '这不能作为名字显示。',
      help: '名字由文字或数字组成，最多 40 个字符。',
    },
    REENROLL_TOO_OFTEN: {
      title: '更改名字过于频繁。',
      help: '每次更改都要换一张证书，每天最多 20 次。',
    },
    JOIN_SECRET_USED_UP: {
      title: '邀请次数已用完',
      help: '这个链接已达到使用次数上限。请从中继的终端索取新的链接。',
    },
    JOIN_SECRET_WRONG: {
      title: '邀请无效',
      help: '中继不认识这个密码。链接可能不完整、有输入错误、属于另一个网络，或者来自中继的上一次运行：请索取新的链接。',
    },
    JOIN_ORG_UNKNOWN: {
      title: '本网络没有这个组织',
      help: '这个链接属于另一个网络，或者属于本中继以前的网络：请索取新的链接。',
    },
    JOIN_TOO_MANY_FAILURES: {
      title: '失败次数过多',
      help: '请等一分钟再试。',
    },
    ORIGIN_REFUSED: {
      title: '中继不认得自己的这个地址',
      help: '请运行中继的人用 --public-url 写明这里打开的地址，再重新启动。',
    },
    JOIN_NEEDED: {
      title: '需要一个邀请链接',
      help: '本标签页在这个网络中还没有身份。',
    },
    CLOCK_BEHIND: {
      title: '本设备的时钟慢了 {minutes} 分钟',
      help: '时间与中继相差超过 15 分钟的请求，网络一律不接受。请校准本设备的时钟（如果是中继的时钟不准，就校准中继），然后重试。邀请没有被消耗。',
    },
    CLOCK_AHEAD: {
      title: '本设备的时钟快了 {minutes} 分钟',
      help: '时间与中继相差超过 15 分钟的请求，网络一律不接受。请校准本设备的时钟（如果是中继的时钟不准，就校准中继），然后重试。邀请没有被消耗。',
    },
    RELAY_UNREACHABLE: {
      title: '无法连接中继',
      help: '中继还在运行吗？这台设备与它在同一网络吗？也可能是防火墙挡住了端口。',
    },
    STORAGE_REFUSED: {
      title: '浏览器拒绝存储',
      help: '节点要在浏览器中保存密钥和账本。请退出无痕模式，或允许本网站存储数据，然后重试。',
    },
    QUOTA_EXCEEDED: {
      title: '浏览器的存储空间已满',
      help: '请腾出磁盘空间或清除其他网站的数据，然后重试。',
    },
    STORE_LOCKED: {
      title: '另一个标签页占着账本',
      help: '它没有应答，也许运行着旧版本的页面。请关闭本网站的其他标签页，然后重试。',
    },
    STORE_UNREADABLE: {
      title: '无法读取保存的账本',
      help: '如果它由新版本的页面写成，请刷新。否则请清除本网站的数据，重新打开邀请链接。',
    },
    LEDGER_CORRUPT: {
      title: '保存的账本已损坏',
      help: '请在新标签页中打开邀请链接：新节点会从其他节点取得整个账本。',
    },
    LEDGER_PAUSED: {
      title: '账本已暂停',
      help: '恢复之前不会打开它。',
    },
    NETWORK_CHANGED: {
      title: '网络已经不是原来的那个',
      help: '中继重新建立了网络，这里保存的身份已失效。请索取新网络的邀请链接。',
    },
    IDENTITY_REFUSED: {
      title: '网络拒绝了这个身份',
      help: '证书可能已过期或被吊销。请索取新的邀请链接。',
    },
    NO_FREE_SLOT: {
      title: '本浏览器运行的节点太多',
      help: '请关闭几个标签页，或者换一个浏览器。',
    },
    NO_CHANNEL: {
      title: '网络还没有通道',
      help: '目前没有可以加入的通道。请询问运行中继的人。',
    },
    PAGE_OUTDATED: {
      title: '页面有一部分没有载入',
      help: '中继可能已更新或停止。请刷新页面。',
    },
  },
  recovery: {
    title: '节点打不开它的账本',
    help: '节点的名称、密钥和证书不受影响。',
    rebuildDBs: '用区块重建数据库',
    doing: {
      rebuildDBs: '正在重建数据库',
      remove: '正在重新获取账本',
      resume: '正在恢复账本',
    },
  },
  errorUnknown: { title: '加入失败', help: '请重试；如果一直失败，请索取新的邀请链接。' },
} satisfies typeof enCodes;
