#include "replay-tools/copy/chain.hpp"

#include "sealing/sealing.hpp"

namespace boxoffice::replay {

std::expected<void, std::string> Chain::follow(const event_log::StoredEvent& stored) {
  const schema::Position expected{partition_, head_.sequence.next()};
  const auto wrong = [&](const std::string& what) {
    return std::unexpected(schema::to_text(expected) + ": " + what);
  };
  if (stored.position != expected)
    return wrong("is missing; " + schema::to_text(stored.position) + " stands there");
  if (const auto read = reader_.event(stored.value, envelope_, event_); !read)
    return wrong("cannot be read at \"" + read.error().pointer + "\": " + read.error().detail);
  if (envelope_.position != expected)
    return wrong("calls itself " + schema::event_id(envelope_.position));
  if (envelope_.previous != head_.hash)
    return wrong("its prevhash is not the hash of the event before");
  head_ = {expected.sequence, sealing::sha256(stored.value)};
  return {};
}

}  // namespace boxoffice::replay
