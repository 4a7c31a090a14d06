#include "app/serve/json_log.hpp"

#include <spdlog/formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>

#include "events-schema/json_writer.hpp"

namespace boxoffice::app {
namespace {

class JsonLines final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    const auto level = spdlog::level::to_string_view(message.level);
    std::string line;
    schema::JsonWriter(line)
        .begin_object()
        .member("time", std::chrono::floor<std::chrono::milliseconds>(message.time))
        .member("level", std::string_view(level.data(), level.size()))
        .member("message", std::string_view(message.payload.data(), message.payload.size()))
        .end_object();
    line += '\n';
    out.append(line.data(), line.data() + line.size());
  }
  std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<JsonLines>();
  }
};

}  // namespace

void log_as_json(std::string_view level) {
  auto logger = spdlog::stderr_logger_mt("boxoffice");
  logger->set_level(spdlog::level::from_str(std::string(level)));
  logger->set_formatter(std::make_unique<JsonLines>());
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace boxoffice::app
