#include "rocks/sorted_runs.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace boxoffice::rocks {
namespace {

using rocksdb::MemTableRep;
using rocksdb::Slice;

constexpr std::size_t kOpenEntries = 256;

/// An internal key: the user's key, and eight bytes of RocksDB's, of which the greater comes first
/// (the newer of two rows of one key).
class Key {
 public:
  explicit Key(const Slice& internal)
      : bytes_(internal.data(), internal.size() - sizeof(std::uint64_t)) {}

  /// What memtables hold is preceded by its size as a varint.
  static Key of_row(const char* row) {
    std::uint32_t size = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*row++);
      size |= static_cast<std::uint32_t>(byte & 127) << shift;
      if (byte < 128) return Key(Slice(row, size));
    }
  }

  /// The first eight bytes as a number: where two differ, keys have the same order.
  std::uint64_t head() const {
    std::uint64_t head = 0;
    std::memcpy(&head, bytes_.data(), std::min(bytes_.size(), sizeof head));
    return __builtin_bswap64(head);
  }

  bool operator<(const Key& other) const {
    const int order = bytes_.compare(other.bytes_);
    return order != 0 ? order < 0 : age() > other.age();
  }

 private:
  std::uint64_t age() const {
    std::uint64_t age;
    std::memcpy(&age, bytes_.data() + bytes_.size(), sizeof age);
    return age;
  }

  std::string_view bytes_;
};

struct Entry {
  std::uint64_t head;
  const char* row;
};

Entry entry_of(const char* row) { return {Key::of_row(row).head(), row}; }

bool operator<(const Entry& a, const Entry& b) {
  return a.head != b.head ? a.head < b.head : Key::of_row(a.row) < Key::of_row(b.row);
}

bool is_before(const Entry& entry, std::uint64_t head, const Key& key) {
  return entry.head != head ? entry.head < head : Key::of_row(entry.row) < key;
}

/// Entries in order. Of the last run more may follow while it is read: those that are there stay as
/// they are.
class Run {
 public:
  explicit Run(std::size_t capacity)
      : entries_(std::make_unique_for_overwrite<Entry[]>(capacity)), capacity_(capacity) {}

  static std::shared_ptr<Run> merged(const Run& a, const Run& b) {
    auto run = std::make_shared<Run>(a.size() + b.size());
    if (a.end()[-1] < *b.begin())
      std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), run->entries_.get()));
    else
      std::merge(a.begin(), a.end(), b.begin(), b.end(), run->entries_.get());
    run->size_.store(run->capacity_, std::memory_order_release);
    return run;
  }

  /// False: it does not go on with this one.
  bool append(const Entry& entry) {
    const std::size_t size = size_.load(std::memory_order_relaxed);
    if (size == capacity_ || (size > 0 && !(entries_[size - 1] < entry))) return false;
    entries_[size] = entry;
    size_.store(size + 1, std::memory_order_release);
    return true;
  }

  std::size_t size() const { return size_.load(std::memory_order_acquire); }
  std::size_t bytes() const { return capacity_ * sizeof(Entry); }
  const Entry* begin() const { return entries_.get(); }
  const Entry* end() const { return begin() + size(); }

 private:
  const std::unique_ptr<Entry[]> entries_;
  const std::size_t capacity_;
  std::atomic<std::size_t> size_ = 0;
};

using Runs = std::vector<std::shared_ptr<const Run>>;

class RunsIterator;

/// The one that was made last for a lookup on this thread, and has not ended.
thread_local RunsIterator* made_for_lookup = nullptr;

/// Memory of the one that ended last on this thread: given back when the next one ends, for its
/// destructor was under way.
struct Ended {
  void* memory = nullptr;
  ~Ended() { ::operator delete(memory); }
};
thread_local Ended ended;

/// RocksDB ends an iterator by `delete`, or by the destructor alone where it lent an arena, of a
/// type that it hides. So the destructor sees to the memory, in both cases.
class RunsIterator final : public MemTableRep::Iterator {
 public:
  explicit RunsIterator(std::shared_ptr<const Runs> runs) : runs_(std::move(runs)) {
    for (const auto& run : *runs_) places_.push_back({run->begin(), run->begin(), run->end()});
    current_ = places_.size();
  }
  ~RunsIterator() override {
    if (made_for_lookup == this) made_for_lookup = nullptr;
    ::operator delete(std::exchange(ended.memory, this));
  }
  RunsIterator(const RunsIterator&) = delete;
  RunsIterator& operator=(const RunsIterator&) = delete;

  static void* operator new(std::size_t size) { return ::operator new(size); }
  static void operator delete(void*) {}

  bool Valid() const override { return current_ < places_.size(); }
  const char* key() const override { return places_[current_].at->row; }

  void Next() override {
    ++places_[current_].at;
    find_least();
  }

  void Seek(const Slice& internal_key, const char*) override { seek(Key(internal_key)); }

  void SeekToFirst() override {
    for (Place& place : places_) place.at = place.begin;
    find_least();
  }

  // Backwards hardly anybody goes: each step is a search.
  void Prev() override { to_greatest_before(Key::of_row(key())); }

  void SeekForPrev(const Slice& internal_key, const char*) override {
    const Key wanted(internal_key);
    seek(wanted);
    if (!Valid() || wanted < Key::of_row(key())) to_greatest_before(wanted);
  }

  void SeekToLast() override {
    for (Place& place : places_) place.at = place.end;
    to_greatest_of_those_before();
  }

 private:
  struct Place {
    const Entry* begin;
    const Entry* at;
    const Entry* end;
  };

  void seek(const Key& key) {
    const std::uint64_t head = key.head();
    for (Place& place : places_)
      place.at = std::partition_point(
          place.begin, place.end, [&](const Entry& entry) { return is_before(entry, head, key); });
    find_least();
  }

  void find_least() {
    current_ = places_.size();
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (places_[i].at == places_[i].end) continue;
      if (!Valid() || *places_[i].at < *places_[current_].at) current_ = i;
    }
  }

  void to_greatest_before(const Key& key) {
    seek(key);
    to_greatest_of_those_before();
  }

  void to_greatest_of_those_before() {
    const Entry* greatest = nullptr;
    for (const Place& place : places_)
      if (place.at != place.begin && (!greatest || *greatest < place.at[-1]))
        greatest = &place.at[-1];
    if (greatest)
      seek(Key::of_row(greatest->row));
    else
      current_ = places_.size();
  }

  const std::shared_ptr<const Runs> runs_;
  std::vector<Place> places_;
  std::size_t current_;
};

class SortedRuns final : public MemTableRep {
 public:
  explicit SortedRuns(rocksdb::Allocator* allocator) : MemTableRep(allocator) { begin_run({}); }

  void Insert(rocksdb::KeyHandle handle) override {
    const Entry entry = entry_of(static_cast<const char*>(handle));
    if (last_->append(entry)) return;
    seal();
    last_->append(entry);
  }

  bool Contains(const char* row) const override {
    const Entry wanted = entry_of(row);
    return std::ranges::any_of(*runs(), [&](const auto& run) {
      return std::binary_search(run->begin(), run->end(), wanted);
    });
  }

  /// A lookup key is of a type that RocksDB hides, so its own way is gone: by an iterator, which it
  /// does not end.
  void Get(const rocksdb::LookupKey& key, void* argument,
           bool (*visit)(void* argument, const char* row)) override {
    MemTableRep::Get(key, argument, visit);
    delete std::exchange(made_for_lookup, nullptr);
  }

  MemTableRep::Iterator* GetDynamicPrefixIterator(rocksdb::Arena*) override {
    made_for_lookup = new RunsIterator(runs());
    return made_for_lookup;
  }

  MemTableRep::Iterator* GetIterator(rocksdb::Arena*) override { return new RunsIterator(runs()); }

  std::size_t ApproximateMemoryUsage() override { return bytes_.load(std::memory_order_relaxed); }

 private:
  std::shared_ptr<const Runs> runs() const {
    const std::lock_guard lock(mutex_);
    return runs_;
  }

  void seal() {
    Runs runs = *runs_;
    while (runs.size() > 1 && runs[runs.size() - 2]->size() < 2 * runs.back()->size()) {
      const auto last = std::move(runs.back());
      runs.pop_back();
      runs.back() = Run::merged(*runs.back(), *last);
    }
    begin_run(std::move(runs));
  }

  void begin_run(Runs runs) {
    last_ = std::make_shared<Run>(kOpenEntries);
    runs.push_back(last_);
    std::size_t bytes = 0;
    for (const auto& run : runs) bytes += run->bytes();
    bytes_.store(bytes, std::memory_order_relaxed);
    auto published = std::make_shared<const Runs>(std::move(runs));
    const std::lock_guard lock(mutex_);
    runs_.swap(published);
  }

  std::shared_ptr<Run> last_;  // the writer's own
  std::atomic<std::size_t> bytes_ = 0;
  mutable std::mutex mutex_;
  std::shared_ptr<const Runs> runs_;  // guarded by mutex_; changed by the writer alone
};

class Factory final : public rocksdb::MemTableRepFactory {
 public:
  using MemTableRepFactory::CreateMemTableRep;
  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator&, rocksdb::Allocator* allocator,
                                 const rocksdb::SliceTransform*, rocksdb::Logger*) override {
    return new SortedRuns(allocator);
  }
  const char* Name() const override { return "boxoffice.SortedRuns"; }
};

}  // namespace

std::shared_ptr<rocksdb::MemTableRepFactory> sorted_runs() { return std::make_shared<Factory>(); }

}  // namespace boxoffice::rocks
