// Keys on disk through lives of random commits, crashes, stops, lost batches and sick disks, held
// against a history: what is within the window is found, as it was last decided, and nothing else.

#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "commands/processor/disk_keys.hpp"
#include "tests/processor/held_background.hpp"
#include "tests/processor/vocabulary.hpp"
#include "tests/sick_disk.hpp"
#include "tests/simulation/random.hpp"
#include "tests/temporary_directory.hpp"

namespace boxoffice::processor {
namespace {

using namespace vocabulary;
using schema::Instant;
using schema::Partition;
using schema::Position;
using simulation::Random;

struct Decided {
  BoundKey key;
  Instant time;
};

class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) { begin(); }
  ~Life() { keys_.reset(); }

  void go_on() {
    now_ += schema::Milliseconds(random_.between(0, 3000));
    const std::uint64_t what = random_.below(100);
    if (what < 45) return decide();
    if (what < 60) return look_back();
    if (what < 65) return look_for_a_new_one();
    if (what < 88) return (void)background_.run_one(keys_.get());
    if (what < 92) return crash();
    if (what < 95) return stop();
    if (sick_) return sick_.reset();
    if (what == 99) sick_.emplace();  // RocksDB pauses for a second after an error
  }

  void look_at_all() {
    for (const auto& [id, last] : newest_) expect_found(last);
  }

  std::uint64_t taken_over = 0, looked_back = 0, lost = 0, saved = 0;

 private:
  static constexpr std::uint16_t kPartitions = 3;
  static constexpr schema::Milliseconds kWindow = 10min;

  /// Opening writes to the disk: a process that cannot does not begin.
  void begin() {
    sick_.reset();
    auto opened = DiskKeys::open({.directory = directory_.path() / "idempotency",
                                  .window = kWindow,
                                  .save_keys = 8,
                                  .save_interval = 30s,
                                  .save_again_after = 0ms,
                                  .generation_slots = 16,
                                  .generations_max = 2,
                                  .filter_generation_keys = 16,
                                  .filter_generations_max = 3,
                                  .filter_slice_keys = 20},
                                 background_);
    if (!opened) throw std::runtime_error(opened.error());
    keys_ = std::move(*opened);
    take_over();
  }

  /// As a processor does: the history behind what is known is shown again.
  void take_over() {
    ++taken_over;
    keys_->restart();
    for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
      const std::vector<Decided>& history = histories_[partition];
      const schema::Sequence known = keys_->known_through({partition});
      ASSERT_LE(known.value, history.size()) << "they know more than the log";
      saved += known.value > 0;
      for (std::size_t i = known.value; i < history.size(); ++i)
        keys_->remember(history[i].key, history[i].time);
      if (history.empty()) continue;
      const Position through{{partition}, {history.size()}};
      keys_->committed({&through, 1}, history.back().time);
    }
  }

  void decide() {
    std::vector<Decided> batch;
    std::map<Partition, std::uint64_t> ends;
    for (std::uint64_t i = random_.between(1, 6); i > 0; --i) {
      const Partition partition{static_cast<std::uint16_t>(random_.below(kPartitions))};
      const auto end = ends.try_emplace(partition, histories_[partition.value].size()).first;
      const schema::CommandIdentity who = random_.chance(200) ? one_long_ago() : new_one();
      batch.push_back({{who.id, who.tag, {partition, {++end->second}}}, now_});
      keys_->remember(batch.back().key, now_);
    }
    for (const Decided& decided : batch)
      if (is_last_of(batch, decided)) expect_found(decided);
    if (random_.chance(150)) return lose();
    std::vector<Position> through;
    for (const Decided& decided : batch) {
      histories_[decided.key.position.partition.value].push_back(decided);
      newest_[decided.key.id] = decided;
    }
    for (const auto& [partition, end] : ends) through.push_back({partition, {end}});
    keys_->committed(through, now_);
  }

  static bool is_last_of(const std::vector<Decided>& batch, const Decided& decided) {
    const auto last = std::ranges::find(batch.rbegin(), batch.rend(), decided.key.id,
                                        [](const Decided& other) { return other.key.id; });
    return last->key.position == decided.key.position;
  }

  /// The batch was not committed, as when the processor was fenced.
  void lose() {
    ++lost;
    take_over();
  }

  schema::CommandIdentity new_one() { return identity("key " + std::to_string(++named_)); }

  /// A key that its holder uses again after the window.
  schema::CommandIdentity one_long_ago() {
    for (int tries = 0; named_ > 0 && tries < 5; ++tries) {
      const auto who = identity("key " + std::to_string(1 + random_.below(named_)));
      const auto last = newest_.find(who.id);
      if (last != newest_.end() && !is_in_window(last->second)) return who;
    }
    return new_one();
  }

  bool is_in_window(const Decided& decided) const { return decided.time + kWindow > now_; }

  void look_back() {
    const std::vector<Decided>& history = histories_[random_.below(kPartitions)];
    if (history.empty()) return;
    const Decided& last = newest_.at(history[random_.below(history.size())].key.id);
    looked_back += is_in_window(last);
    expect_found(last);
  }

  void expect_found(const Decided& last) {
    const auto found = keys_->find(last.key.id);
    ASSERT_TRUE(found) << found.error();
    if (*found) {
      EXPECT_EQ((*found)->position, last.key.position);
      EXPECT_EQ((*found)->tag, last.key.tag);
    } else {
      EXPECT_FALSE(is_in_window(last)) << "forgotten";
    }
  }

  void look_for_a_new_one() {
    const auto found = keys_->find(
        identity("never decided " + std::to_string(now_.time_since_epoch().count())).id);
    ASSERT_TRUE(found) << found.error();
    EXPECT_FALSE(*found);
  }

  void crash() {
    background_.forget();
    keys_.reset();
    begin();
  }

  void stop() {
    keys_->save(now_);
    crash();
  }

  Random random_;
  Instant now_ = noon();
  std::uint64_t named_ = 0;

  // The log.
  std::array<std::vector<Decided>, kPartitions> histories_;  ///< a key's at each sequence
  std::map<schema::CommandId, Decided> newest_;

  const TemporaryDirectory directory_;
  std::optional<SickDisk> sick_;
  HeldBackground background_;
  std::unique_ptr<DiskKeys> keys_;
};

TEST(DiskKeysLife, FindsWhatIsWithinTheWindowAndNothingElse) {
  std::uint64_t taken_over = 0, looked_back = 0, lost = 0, saved = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Life life(seed);
    for (int step = 0; step < 500 && !::testing::Test::HasFailure(); ++step) life.go_on();
    life.look_at_all();
    if (::testing::Test::HasFailure()) return;
    taken_over += life.taken_over;
    looked_back += life.looked_back;
    lost += life.lost;
    saved += life.saved;
  }
  EXPECT_GT(taken_over, 100u);
  EXPECT_GT(looked_back, 100u);
  EXPECT_GT(lost, 20u);
  EXPECT_GT(saved, 100u);
}

}  // namespace
}  // namespace boxoffice::processor
