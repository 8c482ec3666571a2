// SPDX-License-Identifier: Apache-2.0
// English sentences for what Fabric and this page call by a code: validation codes, faults and join errors.
// A code that is missing here is shown as it is, with the message it came with.

export interface Advice {
  readonly title: string;
  /** What a person can do. */
  readonly help: string;
}

export const enCodes = {
  /** One sentence for each TxValidationCode that a person can meet. */
  codes: {
    VALID:
      'Valid: it was endorsed as the policy asks, and what it read had not changed. Its writes are in the world state.',
    BAD_PAYLOAD: 'The payload could not be decoded.',
    BAD_COMMON_HEADER: 'The header of the transaction is malformed.',
    BAD_CREATOR_SIGNATURE:
      'The signature of the creator does not match, or its certificate is not valid on this channel.',
    INVALID_ENDORSER_TRANSACTION:
      'The transaction is not built as an endorsed transaction must be.',
    INVALID_CONFIG_TRANSACTION: 'The configuration change is not allowed.',
    UNSUPPORTED_TX_PAYLOAD: 'The kind of payload is not supported.',
    BAD_PROPOSAL_TXID: 'The transaction id is not the hash of its nonce and creator.',
    DUPLICATE_TXID: 'A transaction with this id is in the ledger already.',
    ENDORSEMENT_POLICY_FAILURE:
      'The endorsements do not satisfy the endorsement policy of the chaincode or of a key it wrote.',
    MVCC_READ_CONFLICT:
      'A key that it read was written by another transaction before this one was validated.',
    PHANTOM_READ_CONFLICT: 'A range that it read has gained or lost keys since the endorsement.',
    UNKNOWN_TX_TYPE: 'The type of the transaction is unknown.',
    TARGET_CHAIN_NOT_FOUND: 'It names a channel that this peer has not joined.',
    MARSHAL_TX_ERROR: 'The transaction could not be encoded.',
    NIL_ENVELOPE: 'The envelope is empty.',
    NIL_TXACTION: 'The transaction holds no action.',
    EXPIRED_CHAINCODE: 'The chaincode was replaced by a newer version.',
    CHAINCODE_VERSION_CONFLICT: 'It was endorsed with another version of the chaincode.',
    BAD_HEADER_EXTENSION: 'The header extension is malformed.',
    BAD_CHANNEL_HEADER: 'The channel header is malformed.',
    BAD_RESPONSE_PAYLOAD: 'The response of the endorsers is malformed.',
    BAD_RWSET: 'The read and write set is malformed.',
    ILLEGAL_WRITESET: 'It writes where a chaincode must not write.',
    INVALID_WRITESET: 'The write set is malformed.',
    INVALID_CHAINCODE: 'The chaincode that it names is not defined on this channel.',
    NOT_VALIDATED: 'It has not been validated yet.',
    INVALID_OTHER_REASON: 'It is invalid for a reason that has no code of its own.',
  } as Record<string, string>,
  codeUnknown: 'The transaction is invalid.',
  faults: {
    QUOTA_EXCEEDED: {
      title: 'The browser’s storage is full',
      help: 'New blocks cannot be kept. Free disk space or clear the data of other sites, then reload; missing blocks are fetched again.',
    },
    STORAGE_REFUSED: {
      title: 'The browser refuses storage',
      help: 'The ledger is kept in memory and is gone when this tab closes. Leave private browsing or allow storage for this site.',
    },
    NO_WEBRTC: {
      title: 'No direct links between tabs',
      help: 'This browser or network blocks WebRTC. Blocks come by the relay instead; everything works, a little slower.',
    },
    LEDGERS_DIFFER: {
      title: 'This ledger differs from another peer’s',
      help: 'From one block on, the two have judged the same transactions differently, most likely because their definitions of a chaincode differ. Making the databases again does not help: the side that is wrong has to join again with a new ledger. The details say which block, which peers, and how many agree with this one.',
    },
    LEDGER_CORRUPT: {
      title: 'The stored ledger is damaged',
      help: 'Its databases can be made again from the blocks; the page then reloads.',
    },
    STORE_UNREADABLE: {
      title: 'Part of the stored ledger cannot be read',
      help: 'Its databases can be made again from the blocks; the page then reloads.',
    },
    LEDGER_FAILED: {
      title: 'The ledger has stopped',
      help: 'A block is stored, but what it changes is not. Reload this tab: opening the ledger again mends it.',
    },
    LEDGER_CLOSED: {
      title: 'The databases are being made again',
      help: 'This page reloads by itself. If it does not, reload it.',
    },
    STORE_LOST: {
      title: 'The ledger of this tab was taken away',
      help: 'A newer version of this page took it over, or the data of this site were cleared. Reload this tab.',
    },
    COMMIT_FAILED: {
      title: 'A block could not be committed',
      help: 'This ledger stands still. Reload the page: it takes up where it stopped.',
    },
    WORKER_CRASHED: {
      title: 'The peer of this tab has stopped',
      help: 'Reload the page: ledger and identity are kept.',
    },
    IDENTITY_CONFLICT: {
      title: 'Another tab speaks with the identity of this peer',
      help: 'A copied browser profile may be in use. Close one of the two, or open an invitation to become a new peer.',
    },
    CHAINCODE_NOT_INSTALLED: {
      title: 'A chaincode does not start in this tab',
      help: 'Other peers can still endorse. Reload to try again, or install the package by hand.',
    },
    RELAY_GONE: {
      title: 'The relay does not answer',
      help: 'Reading works; new transactions wait. This tab keeps trying by itself. If the relay was stopped, start it again.',
    },
    OFFLINE: {
      title: 'Offline',
      help: 'Neither the relay nor another tab can be reached. Check the network; this tab keeps trying by itself.',
    },
  } as Record<string, Advice>,
  faultUnknown: 'Something is wrong',
  errors: {
    JOIN_SECRET_EXPIRED: {
      title: 'The invitation has expired',
      help: 'Invitations are limited in time. Ask for a fresh link: the relay prints one in its terminal.',
    },
    DISPLAY_NAME_REFUSED: {
      title: 'This cannot be shown as a name.',
      help: 'A name has letters or digits, and at most 40 of them.',
    },
    REENROLL_TOO_OFTEN: {
      title: 'You have changed your name too often.',
      help: 'Each time takes a new certificate; there are 20 a day.',
    },
    JOIN_SECRET_USED_UP: {
      title: 'The invitation is used up',
      help: 'It has been used as many times as it allows. Ask for a fresh link from the relay’s terminal.',
    },
    JOIN_SECRET_WRONG: {
      title: 'The invitation is not valid',
      help: 'The relay does not know its secret. The link may be cut short, mistyped, for another network, or from an earlier run of the relay: ask for a fresh one.',
    },
    JOIN_ORG_UNKNOWN: {
      title: 'This network has no such organisation',
      help: 'The link is for another network, or for an earlier one of this relay: ask for a fresh one.',
    },
    JOIN_TOO_MANY_FAILURES: {
      title: 'Too many failed attempts',
      help: 'Wait a minute, then try again.',
    },
    ORIGIN_REFUSED: {
      title: 'The relay does not know itself by this address',
      help: 'Whoever runs it can start it with --public-url and the address that is open here.',
    },
    JOIN_NEEDED: {
      title: 'You need an invitation',
      help: 'This tab has no identity in this network yet.',
    },
    CLOCK_BEHIND: {
      title: 'The clock of this device is {minutes} minutes behind',
      help: 'The network takes nothing that is more than 15 minutes from the relay’s time. Set the clock of this device right (or the relay’s, if that one is wrong), then try again. The invitation has not been used.',
    },
    CLOCK_AHEAD: {
      title: 'The clock of this device is {minutes} minutes ahead',
      help: 'The network takes nothing that is more than 15 minutes from the relay’s time. Set the clock of this device right (or the relay’s, if that one is wrong), then try again. The invitation has not been used.',
    },
    RELAY_UNREACHABLE: {
      title: 'The relay cannot be reached',
      help: 'Is it still running, and is this device on the same network? A firewall may block its port.',
    },
    STORAGE_REFUSED: {
      title: 'The browser refuses storage',
      help: 'A peer keeps its keys and ledger in the browser. Leave private browsing or allow storage for this site, then try again.',
    },
    QUOTA_EXCEEDED: {
      title: 'The browser’s storage is full',
      help: 'Free disk space or clear the data of other sites, then try again.',
    },
    STORE_LOCKED: {
      title: 'Another tab holds the ledger',
      help: 'It does not answer, and may run an older version of this page. Close the other tabs of this site, then try again.',
    },
    STORE_UNREADABLE: {
      title: 'The stored ledger cannot be read',
      help: 'If a newer version of this page made it, reload. Otherwise clear the data of this site and open the invitation again.',
    },
    LEDGER_CORRUPT: {
      title: 'The stored ledger is damaged',
      help: 'Open the invitation in a new tab: a new peer fetches the whole ledger from the others.',
    },
    LEDGER_PAUSED: {
      title: 'The ledger is paused',
      help: 'It is not opened until somebody resumes it.',
    },
    NETWORK_CHANGED: {
      title: 'This is another network than before',
      help: 'The relay was set up again, so the identity kept here is no longer valid. Ask for an invitation to the new network.',
    },
    IDENTITY_REFUSED: {
      title: 'The network refuses this identity',
      help: 'The certificate may have expired or been revoked. Ask for a fresh invitation.',
    },
    NO_FREE_SLOT: {
      title: 'This browser runs too many peers already',
      help: 'Close some of its tabs, or use another browser.',
    },
    NO_CHANNEL: {
      title: 'The network has no channel',
      help: 'There is nothing to join yet. Ask whoever runs the relay.',
    },
    PAGE_OUTDATED: {
      title: 'Part of the page did not load',
      help: 'The relay may have been updated or stopped. Reload the page.',
    },
  } as Record<string, Advice>,
  /** For a peer whose ledger cannot be opened; what it can be offered comes with the offer. */
  recovery: {
    title: 'Your peer cannot open its ledger',
    help: 'This peer keeps its name, keys and certificates.',
    rebuildDBs: 'Make the databases again from the blocks',
    doing: {
      rebuildDBs: 'Making the databases again',
      remove: 'Fetching the ledger again',
      resume: 'Resuming the ledger',
    },
  },
  errorUnknown: {
    title: 'Joining failed',
    help: 'Try again; if it keeps failing, ask for a fresh invitation.',
  } as Advice,
};
