#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "event-log/command_topic.hpp"

namespace boxoffice::processor {

/// A topic that another one stands behind.
class Changed : public event_log::CommandSource {
 public:
  explicit Changed(std::unique_ptr<event_log::CommandSource> source) : source_(std::move(source)) {}
  std::string_view log() const override { return source_->log(); }
  event_log::Result<Bounds> bounds(std::chrono::milliseconds patience) override {
    return source_->bounds(patience);
  }
  event_log::Result<void> seek(std::uint64_t offset) override { return source_->seek(offset); }
  event_log::Result<std::span<const event_log::CommandRecord>> read(std::size_t max) override {
    return source_->read(max);
  }
  void wait(std::chrono::steady_clock::time_point) override {}
  void interrupt() override {}

 private:
  const std::unique_ptr<event_log::CommandSource> source_;
};

}  // namespace boxoffice::processor
