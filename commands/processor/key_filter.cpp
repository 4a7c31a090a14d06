#include "commands/processor/key_filter.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <ranges>

namespace boxoffice::processor {

namespace {

constexpr std::size_t kLineBits = 512;
constexpr std::size_t kBitsPerKey = 12;
constexpr int kProbes = 6;

struct Halves {
  explicit Halves(const schema::CommandId& id) {
    std::memcpy(&first, id.bytes.data(), sizeof first);
    std::memcpy(&last, id.bytes.data() + sizeof first, sizeof last);
  }
  std::uint64_t first;
  std::uint64_t last;
};

/// Which of `lines` an id's bits lie in. REQUIRES: there are less than 2³².
std::size_t line_of(const schema::CommandId& id, std::size_t lines) {
  const Halves halves(id);
  // Fibonacci hashing, so that ids need not be random in all of their bytes.
  const std::uint64_t hash = (halves.first ^ halves.last) * 0x9e37'79b9'7f4a'7c15;
  return (hash >> 32) * lines >> 32;
}

/// An id's bits within its line.
std::array<std::uint64_t, 8> bits_of(const schema::CommandId& id) {
  const Halves halves(id);
  std::uint64_t which = (halves.first + (halves.last << 1 | 1)) * 0xc2b2'ae3d'27d4'eb4f;
  which ^= which >> 32;
  std::array<std::uint64_t, 8> bits{};
  for (int probe = 0; probe < kProbes; ++probe, which >>= 9)
    bits[which >> 6 & 7] |= std::uint64_t{1} << (which & 63);
  return bits;
}

}  // namespace

struct KeyFilter::Line {
  std::array<std::uint64_t, 8> bits;
};

void KeyFilter::Freed::operator()(Line* lines) const { std::free(lines); }

KeyFilter::KeyFilter(std::size_t generation_keys, std::size_t generations_max)
    : generation_keys_(generation_keys),
      lines_(generation_keys * kBitsPerKey / kLineBits + 1),
      generations_max_(generations_max) {}

bool KeyFilter::may_hold(const schema::CommandId& id) const {
  const std::size_t place = line_of(id, lines_);
  const auto bits = bits_of(id);
  const auto holds = [&](const Generation& generation) {
    const Line& line = generation.lines[place];
    std::uint64_t missing = 0;
    for (std::size_t i = 0; i < line.bits.size(); ++i) missing |= bits[i] & ~line.bits[i];
    return missing == 0;
  };
  return std::ranges::any_of(generations_ | std::views::reverse, holds);
}

void KeyFilter::prefetch(const schema::CommandId& id) const {
  const std::size_t place = line_of(id, lines_);
  for (const Generation& generation : generations_) __builtin_prefetch(&generation.lines[place], 1);
}

void KeyFilter::insert(const schema::CommandId& id, schema::Instant decided) {
  if (generations_.empty() || generations_.back().used == generation_keys_) begin_generation();
  Generation& newest = generations_.back();
  Line& line = newest.lines[line_of(id, lines_)];
  const auto bits = bits_of(id);
  for (std::size_t i = 0; i < bits.size(); ++i) line.bits[i] |= bits[i];
  ++newest.used;
  newest.last_decided = std::max(newest.last_decided, decided);
}

void KeyFilter::prepend(KeyFilter older) {
  for (Generation& generation : older.generations_ | std::views::reverse)
    generations_.push_front(std::move(generation));
  note_given_up(older.given_up_);
  keep_within_bounds();
}

void KeyFilter::drop_before(schema::Instant horizon) {
  while (!generations_.empty() && generations_.front().last_decided < horizon)
    generations_.pop_front();
}

void KeyFilter::clear() {
  generations_.clear();
  given_up_.reset();
}

void KeyFilter::begin_generation() {
  // calloc: the kernel hands out zeroed pages as they are touched, so that a large table costs no
  // pause.
  auto* lines = static_cast<Line*>(std::calloc(lines_, sizeof(Line)));
  if (lines == nullptr) throw std::bad_alloc();
  generations_.push_back({.lines = std::unique_ptr<Line[], Freed>(lines)});
  keep_within_bounds();
}

void KeyFilter::note_given_up(std::optional<schema::Instant> decided) {
  given_up_ = std::max(given_up_, decided);  // nullopt is less than any
}

void KeyFilter::keep_within_bounds() {
  while (generations_.size() > generations_max_) {
    note_given_up(generations_.front().last_decided);
    generations_.pop_front();
  }
}

}  // namespace boxoffice::processor
