#include "journal/journal.hpp"

#include <simdjson.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

namespace boxoffice::journal {
namespace {

/// Null before logging has begun, which it does before there are threads.
std::shared_ptr<spdlog::logger> lines;

spdlog::level::level_enum level_of(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
  }
  return spdlog::level::off;
}

std::string_view name_of(Level level) {
  const auto name = spdlog::level::to_string_view(level_of(level));
  return {name.data(), name.size()};
}

}  // namespace

void begin(std::string_view level) {
  auto logger = spdlog::stderr_logger_mt("boxoffice");
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->set_pattern("%v");
  lines = std::move(logger);
}

bool has_begun() { return lines != nullptr; }

Line::Line(Level level, std::string_view event, std::string_view message)
    : level_(level), is_written_(lines && lines->should_log(level_of(level))) {
  if (!is_written_) return;
  const auto now = std::chrono::system_clock::now();
  json_.begin_object()
      .member("time", std::chrono::floor<std::chrono::milliseconds>(now))
      .member("level", name_of(level_))
      .member("event", event)
      .member("message", message);
}

Line::~Line() {
  if (!is_written_) return;
  json_.end_object();
  // Paths and what brokers say may be anything, and one bad byte makes a line no JSON.
  if (!simdjson::validate_utf8(text_))
    std::ranges::replace_if(
        text_, [](char c) { return static_cast<signed char>(c) < 0; }, '?');
  lines->log(level_of(level_), spdlog::string_view_t(text_.data(), text_.size()));
}

Line& Line::with(std::string_view field, std::span<const schema::Partition> partitions) {
  if (!is_written_) return *this;
  json_.key(field).begin_array();
  for (const schema::Partition partition : partitions) json_.value(partition.value);
  json_.end_array();
  return *this;
}

}  // namespace boxoffice::journal
