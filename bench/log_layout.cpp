// What the embedded log's layout is measured against: the same batches through RocksDB, one column
// family a partition, as `WriteBatch`es that are synced. Both take turns on the same disk, so that
// the ratios hold although the machine's other load varies.
//
//     log_layout [DIRECTORY [ROUNDS]]

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include "event-log/embedded/embedded_log.hpp"

namespace {

using namespace boxoffice;
using event_log::Batch;
using event_log::Partition;
using Clock = std::chrono::steady_clock;

constexpr std::uint16_t kPartitions = 16;
constexpr std::size_t kValueBytes = 700;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Batches whose events go to one partition after the other, a few in a row, as commands of several
/// occasions do.
class Batches {
 public:
  std::shared_ptr<const Batch> next(std::size_t events) {
    auto batch = std::make_shared<Batch>();
    batch->events.resize(events);
    for (std::size_t i = 0; i < events; ++i) {
      const Partition partition{static_cast<std::uint16_t>(i * kPartitions / events)};
      event_log::CommittedEvent& event = batch->events[i];
      event.topic = schema::Topic::claims;
      event.envelope.position = {partition, {++ends_[partition.value]}};
      event.value.assign(kValueBytes, static_cast<char>('a' + ends_[partition.value] % 26));
    }
    return batch;
  }

 private:
  std::uint64_t ends_[kPartitions] = {};
};

/// One of the two layouts.
class Layout {
 public:
  virtual ~Layout() = default;
  virtual void append(const std::shared_ptr<const Batch>& batch) = 0;
  /// All values of one partition, in order; returns their bytes.
  virtual std::size_t read(Partition partition) = 0;
};

class Segments final : public Layout {
 public:
  explicit Segments(const std::filesystem::path& directory) {
    auto log = event_log::open_embedded({.directory = directory, .partitions = kPartitions});
    if (!log) throw std::runtime_error(log.error().message);
    log_ = std::move(*log);
    std::vector<Partition> all;
    for (std::uint16_t i = 0; i < kPartitions; ++i) all.push_back({i});
    writer_ = std::move(*log_->take_over(all));
  }

  void append(const std::shared_ptr<const Batch>& batch) override {
    if (const auto done = writer_->append(batch); !done)
      throw std::runtime_error(done.error().message);
  }

  std::size_t read(Partition partition) override {
    std::size_t bytes = 0;
    const auto cursor = log_->read_after({partition, {0}});
    for (;;) {
      const auto some = cursor->read(256 << 10);
      if (!some) throw std::runtime_error(some.error().message);
      if (some->empty()) return bytes;
      for (const auto& event : *some) bytes += event.value.size();
    }
  }

 private:
  std::unique_ptr<event_log::Log> log_;
  std::unique_ptr<event_log::Writer> writer_;
};

class Rocks final : public Layout {
 public:
  explicit Rocks(const std::filesystem::path& directory) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    options.compression = rocksdb::kNoCompression;
    options.recycle_log_file_num = 4;
    std::vector<rocksdb::ColumnFamilyDescriptor> families{{"default", options}};
    for (int i = 0; i < kPartitions; ++i) families.emplace_back(std::to_string(i), options);
    rocksdb::DB* db = nullptr;
    check(rocksdb::DB::Open(options, directory.string(), families, &handles_, &db));
    db_.reset(db);
  }

  ~Rocks() override {
    for (auto* const handle : handles_) (void)db_->DestroyColumnFamilyHandle(handle);
  }

  void append(const std::shared_ptr<const Batch>& batch) override {
    writes_.Clear();
    for (const auto& event : batch->events) {
      const auto [partition, sequence] = event.envelope.position;
      char key[8];
      for (int i = 0; i < 8; ++i) key[i] = static_cast<char>(sequence.value >> (56 - 8 * i));
      check(writes_.Put(handles_[partition.value + 1u], {key, sizeof key}, event.value));
    }
    rocksdb::WriteOptions synced;
    synced.sync = true;
    check(db_->Write(synced, &writes_));
  }

  std::size_t read(Partition partition) override {
    rocksdb::ReadOptions options;
    options.readahead_size = 1 << 20;
    const std::unique_ptr<rocksdb::Iterator> at(
        db_->NewIterator(options, handles_[partition.value + 1u]));
    std::size_t bytes = 0;
    for (at->SeekToFirst(); at->Valid(); at->Next()) bytes += at->value().size();
    check(at->status());
    return bytes;
  }

 private:
  static void check(const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error(status.ToString());
  }

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  rocksdb::WriteBatch writes_;
};

struct Appended {
  double events_per_s = 0;
  double median_us = 0;
};

Appended append(Layout& layout, Batches& batches, std::size_t events, std::size_t count) {
  std::vector<double> latencies;
  double spent = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto batch = batches.next(events);
    const auto start = Clock::now();
    layout.append(batch);
    latencies.push_back(seconds_since(start));
    spent += latencies.back();
  }
  std::nth_element(latencies.begin(), latencies.begin() + static_cast<std::ptrdiff_t>(count / 2),
                   latencies.end());
  return {static_cast<double>(events * count) / spent, latencies[count / 2] * 1e6};
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void compare(const std::filesystem::path& directory, int rounds) {
  Segments segments(directory / "segments");
  Rocks rocks(directory / "rocks");
  Batches for_segments;
  Batches for_rocks;
  for (const std::size_t events : {std::size_t{64}, std::size_t{512}}) {
    const std::size_t count = events == 64 ? 400 : 100;
    std::vector<double> ratios;
    for (int round = 0; round < rounds; ++round) {
      const Appended ours = append(segments, for_segments, events, count);
      const Appended theirs = append(rocks, for_rocks, events, count);
      ratios.push_back(ours.events_per_s / theirs.events_per_s);
      std::printf(
          "append %3zu x %zu B: segments %7.0f events/s (p50 %5.0f us), rocksdb %7.0f (%5.0f us)"
          ", ratio %.2f\n",
          events, kValueBytes, ours.events_per_s, ours.median_us, theirs.events_per_s,
          theirs.median_us, ratios.back());
    }
    std::printf("append %3zu: median ratio %.2f\n", events, median(ratios));
  }
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    double spent[2] = {};
    std::size_t bytes[2] = {};
    for (int side = 0; side < 2; ++side) {
      Layout& layout = side == 0 ? static_cast<Layout&>(segments) : rocks;
      const auto start = Clock::now();
      for (std::uint16_t i = 0; i < kPartitions; ++i) bytes[side] += layout.read({i});
      spent[side] = seconds_since(start);
    }
    if (bytes[0] != bytes[1]) throw std::runtime_error("the layouts hold different values");
    ratios.push_back(spent[1] / spent[0]);
    std::printf("read %4.0f MB by partition: segments %5.0f MB/s, rocksdb %5.0f MB/s, ratio %.2f\n",
                static_cast<double>(bytes[0]) / 1e6, static_cast<double>(bytes[0]) / 1e6 / spent[0],
                static_cast<double>(bytes[1]) / 1e6 / spent[1], ratios.back());
  }
  std::printf("read: median ratio %.2f\n", median(ratios));
}

}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  const fs::path directory = (argc > 1 ? fs::path(argv[1]) : fs::current_path()) / "log_layout.tmp";
  const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 5;
  fs::remove_all(directory);
  fs::create_directories(directory / "rocks");
  try {
    compare(directory, rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "log_layout: %s\n", error.what());
    return 1;
  }
  fs::remove_all(directory);
}
