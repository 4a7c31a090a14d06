#include "event-log/copy_mark.hpp"

#include <array>

#include "event-log/about.hpp"

namespace boxoffice::event_log {
namespace {

constexpr std::string_view kName = "copy";
constexpr std::array<std::string_view, 3> kStates{"unfinished", "whole", "adopted"};

std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

}  // namespace

Result<std::optional<CopyMark>> copy_mark(Log& log) {
  const auto kept = log.key(kAboutPartition, kName);
  if (!kept) return std::unexpected(kept.error());
  if (!*kept) return std::nullopt;
  std::string_view text = **kept;
  const std::string_view state = take_word(text);
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (state == kStates[i]) {
      CopyMark mark{.state = static_cast<CopyState>(i), .id = {}, .from = {}};
      mark.id = take_word(text);
      mark.from = take_word(text);
      return mark;
    }
  return std::unexpected(LogError{LogErrorKind::wrong_format,
                                  "the log says of itself that it is a copy, and in words of "
                                  "another version: \"" +
                                      **kept + "\""});
}

KeyRecord record_of(const CopyMark& mark) {
  const auto state = kStates[static_cast<std::size_t>(mark.state)];
  return {kAboutPartition, std::string(kName),
          std::string(state) + ' ' + mark.id + ' ' + mark.from};
}

}  // namespace boxoffice::event_log
