#include "event-log/kafka/watched_stream.hpp"

#include <algorithm>

namespace boxoffice::event_log::kafka {
namespace {

constexpr int kWarning = 4;  // as of syslog
constexpr std::chrono::milliseconds kTooLong{2'000};
/// Others may be handed over by the same thread meanwhile.
constexpr std::chrono::milliseconds kOpenIn{1'000};

}  // namespace

WatchedStream::WatchedStream(Surroundings surroundings, Lane lane, Bell& bell)
    : surroundings_(surroundings), lane_(lane), bell_(bell) {
  surroundings_.lookout.watch(lane_, standstill_, bell_);
}

WatchedStream::~WatchedStream() { surroundings_.lookout.forget(standstill_); }

Result<void> WatchedStream::open(std::int64_t from) {
  close();
  if (!reader_) {
    auto reader = surroundings_.readers.lend(std::span(&lane_.partition, 1));
    if (!reader) return std::unexpected(reader.error());
    reader_ = std::move(*reader);
  }
  auto stream = Stream::open(*reader_, lane_, from, bell_);
  if (!stream) return std::unexpected(stream.error());
  stream_.emplace(std::move(*stream));
  standstill_.begins_at(from);
  opens_again_at_ = within(surroundings_.opens_again_after);
  return {};
}

void WatchedStream::close() { stream_.reset(); }

void WatchedStream::looked() {
  standstill_.looked(stream_->reached());
  if (standstill_.lasts() >= surroundings_.opens_again_after && Clock::now() >= opens_again_at_)
    open_again();
}

/// The reader that hands nothing over is given back only then: it would be lent again.
void WatchedStream::open_again() {
  opens_again_at_ = within(surroundings_.opens_again_after);
  auto other = surroundings_.readers.lend(std::span(&lane_.partition, 1), within(kOpenIn));
  if (!other) return;
  auto stream = Stream::open(**other, lane_, stream_->reached(), bell_);
  if (!stream) return;
  if (surroundings_.settings.on_log)
    surroundings_.settings.on_log(kWarning, "reading " + name() + " by another connection");
  stream_.emplace(std::move(*stream));
  reader_ = std::move(*other);
}

std::chrono::milliseconds WatchedStream::behind() const {
  return std::max(standstill_.lasts(), surroundings_.lookout.silence());
}

std::optional<std::string> WatchedStream::trouble() const {
  if (standstill_.lasts() > kTooLong)
    return "nothing of " + name() + " has come for more than 2 s, though there is more";
  if (surroundings_.lookout.silence() > kTooLong)
    return "no broker has told for more than 3 s where " + name() + " ends";
  return std::nullopt;
}

std::string WatchedStream::name() const {
  return topic_names(surroundings_.settings.prefix)[lane_.number] + " [" +
         std::to_string(lane_.partition.value) + "]";
}

}  // namespace boxoffice::event_log::kafka
