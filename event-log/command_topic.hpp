#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event-log/log.hpp"

/// The ports of the topics that commands and replies go through, where gateways and processors are
/// processes of their own. Commands are no history: they are kept for a while, and how far they
/// have been decided stands on the events.
namespace boxoffice::event_log {

struct CommandRecord {
  std::uint64_t offset = 0;
  std::string_view value;
};

/// The commands of one partition, in order, from some offset on. For one thread, but `interrupt`.
class CommandSource {
 public:
  virtual ~CommandSource() = default;

  /// `<cluster id>/<topic>`, and `/<topic id>` where the cluster gives ids: another one each time
  /// that a topic of that name is made. At most 300 bytes.
  [[nodiscard]] virtual std::string_view log() const = 0;

  struct Bounds {
    std::uint64_t first = 0;  ///< those before are not kept any more
    std::uint64_t end = 0;    ///< behind the last
  };
  /// Waits for brokers no longer than `patience`. `corrupt`: by now this is another topic of the
  /// same name.
  [[nodiscard]] virtual Result<Bounds> bounds(std::chrono::milliseconds patience) = 0;

  /// Reading goes on at `offset`.
  [[nodiscard]] virtual Result<void> seek(std::uint64_t offset) = 0;
  /// At most `records_max` of those that have arrived, perhaps none; valid until the next call.
  /// Where the topic does not go on from what was read last, for it was deleted in front of that or
  /// cut behind, that is an error, not another place. `corrupt` as `bounds`, once that is known.
  /// After an error, `bounds` and `seek`.
  [[nodiscard]] virtual Result<std::span<const CommandRecord>> read(std::size_t records_max) = 0;

  /// Returns when something has arrived, `interrupt` was called, or at `until`.
  virtual void wait(std::chrono::steady_clock::time_point until) = 0;
  virtual void interrupt() = 0;

  /// For how long nothing has come though there is more, or nobody has told whether there is. Any
  /// thread.
  [[nodiscard]] virtual std::chrono::milliseconds behind() const { return {}; }
  /// The same in words, once it is too long; nullopt: it is not. Any thread.
  [[nodiscard]] virtual std::optional<std::string> trouble() const { return std::nullopt; }
};

/// Where commands are sent. Thread-safe.
class CommandPost {
 public:
  /// Is called once, on a thread of the post's: nullopt, or why nobody can say whether the command
  /// was taken. Must not block or throw.
  using Sent = std::move_only_function<void(std::optional<std::string> trouble)>;

  virtual ~CommandPost() = default;

  /// False, and `sent` untouched: as much as may is on its way.
  virtual bool send(Partition partition, std::string_view key, std::string_view value,
                    Sent& sent) = 0;
};

/// Is told each reply, of whichever gateway's commands, once it is committed. Must not throw.
using OnReply = std::function<void(std::string_view to, std::string_view value)>;

}  // namespace boxoffice::event_log
