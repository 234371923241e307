/* limits.h - every bound of boothd, in one place.
 *
 * An input beyond its limit is refused with an error that names it; a buffer,
 * list or retry beyond its limit is cut or ended, never grown. Lengths of text
 * are in Unicode code points, as JSON Schema counts them; sizes are in bytes.
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* the queue */
#define LIMIT_LINES     8
#define LIMIT_ACTIVE    4096 /* tickets waiting or called; beyond: queue_full */
#define LIMIT_CLOSED    50   /* closed tickets kept in memory and in a snapshot */
#define LIMIT_CALLING   12   /* on a board: tickets called now */
#define LIMIT_RECENT    8    /* tickets seated lately */
#define LIMIT_MISSED    12   /* tickets missed */
#define LIMIT_PARTY     99
#define LIMIT_EVENTS    16    /* events that one command may write */
#define LIMIT_RESUME_S  86400 /* a timed pause */
#define LIMIT_NO_SHOW_S 86400
#define LIMIT_UNDO_MS   (30 * 60 * 1000) /* undo reaches back at least this far */
#define LIMIT_UNDO_SCAN 512              /* commands searched for a device's last one */

/* text, in code points; a code point takes at most 4 bytes */
#define LIMIT_NAME      100
#define LIMIT_PHONE     32
#define LIMIT_NOTE      300
#define LIMIT_DEVICE    40
#define LIMIT_BOOTH     60
#define LIMIT_LINE_ID   8
#define LIMIT_LINE_NAME 30
#define LIMIT_PREFIX    4
#define LIMIT_TEXT      200
#define LIMIT_KEY       64 /* Idempotency-Key, printable ASCII */
#define LIMIT_PIN_MIN   4
#define LIMIT_PIN_MAX   12
#define LIMIT_LABEL     32 /* a ticket's number as shown: prefix, dash, count; bytes with NUL */

/* the button */
#define LIMIT_PRESS_GUARD_MS 2000 /* within it after a call of its line, a press calls nobody */

/* boothd.conf, in bytes */
#define LIMIT_CONFIG      (64 * 1024)
#define LIMIT_CONFIG_LINE 1024
#define LIMIT_HUBS        4
#define LIMIT_SETS        64 /* --set on one command line */
#define LIMIT_GPIO_NAME   31 /* a chip's label, a line's name: the kernel's own limit */

/* radio and uplinks */
#define LIMIT_STATIONS     64  /* listed, of the booth's Wi-Fi; many radios take fewer */
#define LIMIT_LINKS        16  /* network links listed */
#define LIMIT_SCAN_RESULTS 256 /* access points of one scan */
#define LIMIT_SURVEYS      64  /* channels that one radio reports */

/* requests to boothd-root */
#define LIMIT_CLOCK_EARLIEST_MS 1735689600000LL /* 2025-01-01: a clock before it is wrong */
#define LIMIT_CLOCK_LATEST_MS   4102444800000LL /* 2100-01-01 */
#define LIMIT_PRIVOP_ARGUMENT   20              /* bytes of an argument */
#define LIMIT_PRIVOP_FILES      64              /* handled in one run */
#define LIMIT_PRIVOP_DEPTH      8               /* levels of folders removed where a request file was expected */

/* the booth's own network */
#define LIMIT_LEASES          1000 /* addresses given out */
#define LIMIT_LEASE_S         3600
#define LIMIT_DHCP_MINUTE     6 /* DHCP requests of one phone: too few to use up all leases in an hour */
#define LIMIT_DHCP_BURST      12
#define LIMIT_DNS_S           50 /* DNS queries of one phone */
#define LIMIT_DNS_BURST       100
#define LIMIT_PHONE_OPEN      64  /* connections of one phone, which uses six */
#define LIMIT_PHONE_BEYOND    256 /* connections of one phone to the internet, if the uplink is shared */
#define LIMIT_PHONE_OPENING_S 50  /* connections that one phone opens in a second */
#define LIMIT_PHONE_BURST     200
#define LIMIT_PHONES_SEEN     4096 /* MAC addresses counted; further ones are not limited */

/* the machine: staff are warned from here on */
#define LIMIT_HOT_C      80                  /* from here on a Raspberry Pi slows down */
#define LIMIT_SPACE_LOW  (256 * 1024 * 1024) /* bytes free for the database, its snapshots and backups */
#define LIMIT_MEMORY_LOW (48 * 1024 * 1024)  /* bytes free for programs */
#define LIMIT_WAL_BIG    (64 * 1024 * 1024)  /* 60 times the size at which it is checkpointed */

/* JSON that comes in */
#define LIMIT_JSON        (16 * 1024)
#define LIMIT_JSON_DEPTH  8
#define LIMIT_JSON_VALUES (256 * 1024) /* about 25 MiB of memory */

/* HTTP */
#define LIMIT_HEADERS            3072
#define LIMIT_PATH               512
#define LIMIT_REFUSED_BODY       (1024 * 1024) /* of a refused body, still read so that its client reads the answer */
#define LIMIT_RESTORE            (64LL * 1024 * 1024)
#define LIMIT_CONNECTIONS        1024
#define LIMIT_CONNECTIONS_PER_IP 256
#define LIMIT_LISTENERS          4
#define LIMIT_FAIR_REQUESTS      16    /* requests of one client in a millisecond, while others send some */
#define LIMIT_FAIR_CLIENTS       64    /* counters for that; further clients share one */
#define LIMIT_REQUEST_MS         15000 /* a request that is not complete by then is ended */
#define LIMIT_IDLE_MS            60000 /* a connection without a request */
#define LIMIT_STREAMS            512
#define LIMIT_PUBLIC_STREAMS     384                /* of those, without a session */
#define LIMIT_STREAM_BACKLOG     (64 * 1024)        /* of one reader; beyond, it is disconnected */
#define LIMIT_TOTAL_BACKLOG      (32 * 1024 * 1024) /* of all readers together; likewise */
#define LIMIT_STREAM_REPLAY      256                /* changes kept for Last-Event-ID */
#define LIMIT_HEARTBEAT_MS       15000
#define LIMIT_LOCKOUT_CLIENTS    128 /* clients whose wrong PINs are counted; beyond, the oldest is dropped */
#define LIMIT_DEVICES            64  /* signed-in phones; beyond, the least recently seen is signed out */
#define LIMIT_NAMES              16  /* allowed Host names */
#define LIMIT_STATIC_FILES       64
#define LIMIT_STATIC_SIZE        (1024 * 1024)

/* threads */
#define LIMIT_MAILBOX         2048  /* commands waiting for the writer; beyond: 503 */
#define LIMIT_BATCH           512   /* commands of one commit */
#define LIMIT_GROUP_COMMIT_US 20000 /* longest wait for further commands before a commit */
#define LIMIT_WORK_ITEMS      16    /* waiting for the worker */

/* storage */
#define LIMIT_SNAPSHOTS         4
#define LIMIT_SNAPSHOTS_NIGHTLY 7
#define LIMIT_SNAPSHOT_MS       (15 * 60 * 1000)
#define LIMIT_DAYS              400   /* days of one listing */
#define LIMIT_DAY_TICKETS       10000 /* tickets of one day's report */
#define LIMIT_HISTORY           500   /* events of one ticket's history */

/* sync: the bundle, in bytes */
#define LIMIT_BUNDLE          (4 * 1024 * 1024)
#define LIMIT_BUNDLE_UNPACKED (32 * 1024 * 1024)

/* sync: inbox items, the journal */
#define LIMIT_ITEM_TYPE    32  /* an item's type, in bytes */
#define LIMIT_MESSAGE      300 /* to the booth, code points */
#define LIMIT_JOURNAL_DAYS 30  /* events and idempotency keys are kept so long */
#define LIMIT_ERASE        100 /* tickets of one step of erasing */
#define LIMIT_ERASED_DAYS  32  /* days of one step */
#define LIMIT_COMPACT      128 /* events of one step of compacting */

/* sync: the exchange */
#define LIMIT_CONNECT_MS     60000  /* until the connection is up, with DNS and TLS */
#define LIMIT_STALL_MS       120000 /* without a byte in either direction */
#define LIMIT_NEW_ROUTE_MS   1000   /* likewise, after the route has changed */
#define LIMIT_HUB_URL        200    /* bytes */
#define LIMIT_HUB_KEYS       4      /* of the hub, kept by a booth */
#define LIMIT_BATCH_EVENTS   4096   /* events of one bundle */
#define LIMIT_BATCH_DAYS     32     /* days of one bundle */
#define LIMIT_ITEMS          64     /* of the inbox, accepted from one answer; the rest comes again */
#define LIMIT_EPOCHS         16     /* epochs searched for unacknowledged events, latest first */
#define LIMIT_DIFFERING_DAYS 32     /* days that are sent again after one comparison */

/* the hub */
#define LIMIT_HUB_WORKERS       32   /* threads, each with a connection to the database */
#define LIMIT_HUB_JOBS          2048 /* requests waiting for a worker; beyond: 503 */
#define LIMIT_HUB_CONNECTIONS   4096
#define LIMIT_HUB_BODIES        (256LL * 1024 * 1024) /* of all bundles being received; beyond: 503 */
#define LIMIT_HUB_STATEMENT_MS  15000
#define LIMIT_HUB_TRIES         5     /* of one job, after deadlocks and lost connections */
#define LIMIT_HUB_INBOX         10000 /* items that wait for a booth; beyond: queue_full */
#define LIMIT_HUB_TICKETS       4096  /* active tickets that a new epoch may bring */
#define LIMIT_HUB_JOIN_S        86400 /* that a join may wait for the booth; 1 h by default */
#define LIMIT_HUB_EVENTS        1000  /* of one page; 200 by default */
#define LIMIT_HUB_REQUESTS      20    /* shown with a guest, the latest */
#define LIMIT_HUB_ESTIMATE      500   /* events that an estimate looks back */
#define LIMIT_HUB_SILENT_S      900   /* without contact: the booth counts as silent */
#define LIMIT_HUB_IDEMPOTENCY_D 30    /* that an Idempotency-Key is remembered */
#define LIMIT_HUB_PEOPLE_D      30    /* that names outlive the last contact of a booth that did not erase them */
#define LIMIT_HUB_PENDING       1000  /* ranges of events beyond gaps; one more is not stored */
#define LIMIT_HUB_BOOTS         256   /* of one bundle */
#define LIMIT_HUB_WRONG_CODES   64    /* wrong enrolment codes in a row; one more each second */
#define LIMIT_HUB_CODE_H        (7 * 24)
#define LIMIT_HUB_KEY_H         (90 * 24) /* that a replaced key still opens bundles */

#endif
