#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "events-schema/json_writer.hpp"

/// What a process says of itself on stderr: one JSON object a line, for people who run it and for
/// what collects their logs. docs/logs.md lists the events and their fields.
namespace boxoffice::journal {

/// From now on lines of `level` and above are written: debug, info, warn or error. Before, nothing
/// is.
void begin(std::string_view level);
bool has_begun();

enum class Level { debug, info, warning, error };

/// One line, written as the statement that makes it ends:
///
///     journal::warning("append_failed", "a batch was not written: " + why)
///         .with("partition", partition)
///         .with("error", why);
///
/// `event` is the line's stable name, the message is for people and may change; whoever collects
/// lines goes by the event's fields. No field or message may hold an address, a token, a key that
/// is a secret, or an IP. Lines are whole, whichever threads write them; in
/// one with a text that is no UTF-8 each byte that is not ASCII is a question mark.
class Line {
 public:
  Line(Level level, std::string_view event, std::string_view message);
  ~Line();
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  Line& with(std::string_view field, std::string_view text) { return put(field, text); }
  Line& with(std::string_view field, const char* text) {
    return put(field, std::string_view(text));
  }
  template <std::integral Number>
  Line& with(std::string_view field, Number value) {
    return put(field, value);
  }
  /// REQUIRES: the field's name ends in `_ms`.
  template <class Rep, class Period>
  Line& with(std::string_view field, std::chrono::duration<Rep, Period> value) {
    return put(field, static_cast<std::int64_t>(
                          std::chrono::floor<std::chrono::milliseconds>(value).count()));
  }
  Line& with(std::string_view field, schema::Partition partition) {
    return put(field, partition.value);
  }
  Line& with(std::string_view field, schema::Sequence sequence) {
    return put(field, sequence.value);
  }
  Line& with(std::string_view field, std::span<const schema::Partition> partitions);
  /// As `partition` and `sequence`.
  Line& at(schema::Position position) {
    return with("partition", position.partition).with("sequence", position.sequence);
  }

 private:
  template <class Value>
  Line& put(std::string_view field, const Value& value) {
    if (is_written_) json_.member(field, value);
    return *this;
  }

  const Level level_;
  const bool is_written_;
  std::string text_;
  schema::JsonWriter json_{text_};
};

inline Line debug(std::string_view event, std::string_view message) {
  return {Level::debug, event, message};
}
inline Line info(std::string_view event, std::string_view message) {
  return {Level::info, event, message};
}
inline Line warning(std::string_view event, std::string_view message) {
  return {Level::warning, event, message};
}
inline Line error(std::string_view event, std::string_view message) {
  return {Level::error, event, message};
}

}  // namespace boxoffice::journal
