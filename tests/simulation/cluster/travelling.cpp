#include "tests/simulation/cluster/travelling.hpp"

namespace boxoffice::simulation {

namespace {

using processor::KeyMemory;

/// Small, so that what is cut in pieces is.
constexpr processor::SnapshotTopic::Settings kSnapshots{.chunk_bytes = 400, .patience = {}};
constexpr processor::TravellingKeys::Settings kKeys{.run_keys = 3,
                                                    .run_interval = std::chrono::seconds(2),
                                                    .record_keys_max = 2,
                                                    .unsent_keys_max = 12,
                                                    .shown_again_max = 20,
                                                    .stop_patience = {}};

/// Believes that what did not travel was never there.
class GullibleKeys final : public KeyMemory {
 public:
  explicit GullibleKeys(KeyMemory& keys) : keys_(keys) {}

  Gathered gather(const Wanted& wanted) override {
    Gathered gathered = keys_.gather(wanted);
    gathered.through = std::max(gathered.through, wanted.end);
    return gathered;
  }

  void restart() override { keys_.restart(); }
  schema::Sequence known_through(schema::Partition partition) override {
    return keys_.known_through(partition);
  }
  void begin_after(schema::Position position, schema::Instant time) override {
    keys_.begin_after(position, time);
  }
  std::expected<std::optional<processor::BoundKey>, std::string> find(
      const schema::CommandId& id) override {
    return keys_.find(id);
  }
  void prefetch(const schema::CommandId& id) const override { keys_.prefetch(id); }
  bool has_room(schema::Instant now) override { return keys_.has_room(now); }
  void remember(const processor::BoundKey& key, schema::Instant decided) override {
    keys_.remember(key, decided);
  }
  void committed(std::span<const schema::Position> through, schema::Instant now) override {
    keys_.committed(through, now);
  }
  void save(schema::Instant now) override { keys_.save(now); }
  std::size_t size() const override { return keys_.size(); }

 private:
  KeyMemory& keys_;
};

}  // namespace

Travelling::Travelling(Process process, schema::Partition partition, const event_log::Log& log,
                       KeyMemory& own_keys)
    : process_(std::move(process)),
      cluster_(process_.cluster),
      snapshot_topic_(cluster_.snapshots, faults()),
      key_topic_(cluster_.decided, faults()),
      snapshots_(
          snapshot_topic_, [](const std::string&) {}, kSnapshots),
      travelling_(
          own_keys, key_topic_, partition, log.deployment(),
          [this](const std::string& trouble) {
            if (trouble.starts_with("not all")) ++cluster_.happened["not all keys have travelled"];
          },
          kKeys) {
  if (cluster_.planted != Planted::gaps_unseen) return;
  gullible_ = std::make_unique<GullibleKeys>(travelling_);
  keys_ = gullible_.get();
}

DistantSideTopic::Faults Travelling::faults() const {
  return {.answers =
              [this] {
                process_.request();
                return !cluster_.side_is_away && !cluster_.happens(cluster_.plan.fail_side);
              },
          .is_away = [this] { return cluster_.side_is_away; },
          .holds_up = [this] { return cluster_.happens(cluster_.plan.hold_up); },
          .loses =
              [this] {
                if (!cluster_.happens(cluster_.plan.lose_record)) return false;
                ++cluster_.happened["a record of what travels was lost"];
                return true;
              },
          .damages = [this] { return cluster_.happens(cluster_.plan.damage_record); }};
}

void Travelling::arrive() {
  snapshot_topic_.arrive();
  key_topic_.arrive();
}

}  // namespace boxoffice::simulation
