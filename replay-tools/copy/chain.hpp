#pragma once

#include <expected>
#include <optional>
#include <string>

#include "event-log/log.hpp"

namespace boxoffice::replay {

/// Where a chain stands: after so many events, and the hash of the last.
struct ChainHead {
  schema::Sequence sequence;
  std::optional<schema::Digest> hash;
  bool operator==(const ChainHead&) const = default;
};

/// Follows one partition's chain, event by event.
class Chain {
 public:
  explicit Chain(schema::Partition partition, ChainHead from = {})
      : partition_(partition), head_(from) {}

  /// The event must be the next one and name the hash of the one before. The error names what is
  /// wrong of it; then nothing has changed. What was read stays in `envelope` and `event`.
  [[nodiscard]] std::expected<void, std::string> follow(const event_log::StoredEvent& stored);

  const ChainHead& head() const { return head_; }
  const schema::Envelope& envelope() const { return envelope_; }
  const schema::Event& event() const { return event_; }

 private:
  const schema::Partition partition_;
  ChainHead head_;
  schema::Reader reader_;
  schema::Envelope envelope_;
  schema::Event event_;
};

}  // namespace boxoffice::replay
