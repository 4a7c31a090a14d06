#include "app/settings/serve_settings.hpp"

#include <array>

namespace boxoffice::app {
namespace {

using enum SettingKind;
constexpr std::int64_t kDay = 86'400'000;

constexpr std::array kRows{
    SettingRow{"listen", endpoint, "127.0.0.1:8080",
               "where to serve HTTP, HOST:PORT; port 0 takes a free one"},
    SettingRow{"data", path, "./data", "the directory of the log, keys and read models"},
    SettingRow{"log", one_of, "embedded", "where events are kept", 0, INT64_MAX, "embedded"},
    SettingRow{"partitions", number, "16", "partitions of a new log; an existing one keeps its own",
               1, 1024},
    SettingRow{"ready-file", path, "", "written when it serves and its read models are up to date"},
    SettingRow{"admin-key",
               text,
               "",
               "a bootstrap key with the role admin, 16 characters or more; only its hash is kept",
               0,
               INT64_MAX,
               {},
               true},
    SettingRow{"master-key",
               text,
               "",
               "64 hex digits; without it DIR/master.key, made at first start",
               0,
               INT64_MAX,
               {},
               true},
    SettingRow{"pepper",
               text,
               "",
               "64 hex digits; without it DIR/pepper.key, made at first start",
               0,
               INT64_MAX,
               {},
               true},
    SettingRow{"trusted-proxies", text, "",
               "addresses or networks, by commas, whose X-Forwarded-For is believed"},
    SettingRow{"limits", on_off, "on", "rate limits"},
    SettingRow{"limit-ip-per-second", number, "20", "requests of one IP, sustained", 1, 1'000'000},
    SettingRow{"limit-ip-burst", number, "60", "requests of one IP at once", 1, 1'000'000},
    SettingRow{"limit-key-per-second", number, "200", "requests of one key, sustained", 1,
               1'000'000},
    SettingRow{"limit-key-burst", number, "400", "requests of one key at once", 1, 1'000'000},
    SettingRow{"limit-device-per-second", number, "200",
               "requests of one key of a gate or supervisor, sustained", 1, 1'000'000},
    SettingRow{"limit-device-burst", number, "400",
               "requests of one key of a gate or supervisor at once", 1, 1'000'000},
    SettingRow{"limit-sign-in-per-minute", number, "10",
               "wrong keys and tokens of one IP in a minute, sustained", 1, 1'000'000},
    SettingRow{"limit-sign-in-burst", number, "10", "wrong keys and tokens of one IP at once", 1,
               1'000'000},
    SettingRow{"limit-buckets", number, "131072",
               "addresses and keys that each limit tells apart, at 24 bytes", 8, 64 << 20},
    SettingRow{"threads", number, "2", "threads that serve HTTP", 1, 256},
    SettingRow{"connections-max", number, "20000", "connections held at once", 1, 1'000'000},
    SettingRow{"header-bytes-max", number, "16384", "the longest headers taken", 1024, 1 << 20},
    SettingRow{"body-bytes-max", number, "1048576", "the largest body taken", 1024, 64 << 20},
    SettingRow{"request-timeout-ms", duration, "10000", "for a request to arrive whole", 100, kDay},
    SettingRow{"idle-timeout-ms", duration, "60000", "between requests of a connection", 100, kDay},
    SettingRow{"write-timeout-ms", duration, "10000",
               "how long a client may take nothing of its answer", 100, kDay},
    SettingRow{"drain-timeout-ms", duration, "10000",
               "how long the end waits for requests under way", 100, kDay},
    SettingRow{"command-deadline-ms", duration, "10000", "a command decided later is too late", 100,
               kDay},
    SettingRow{"read-wait-ms", duration, "3000", "how long a read waits for Boxoffice-At-Least", 1,
               60'000},
    SettingRow{"inbox", number, "8192", "commands that wait to be decided", 1, 1'000'000},
    SettingRow{"idempotency-window-ms", duration, "86400000", "how long a key is remembered", 1000,
               30 * kDay},
    SettingRow{"snapshot-every-ms", duration, "60000",
               "how often the state is snapshotted, where it changed", 100, kDay},
    SettingRow{"log-level", one_of, "info", "what is logged to stderr", 0, INT64_MAX,
               "debug|info|warn|error"},
};

}  // namespace

std::span<const SettingRow> serve_settings() { return kRows; }

}  // namespace boxoffice::app
