#include "tests/simulation/witness.hpp"

#include <cstring>

#include "commands/domain/snapshot.hpp"
#include "commands/processor/memory_keys.hpp"
#include "commands/processor/recovery.hpp"
#include "sealing/sealing.hpp"
#include "tests/processor/memory_snapshots.hpp"

namespace boxoffice::simulation {

Witness::Witness(const Plan& plan, std::unique_ptr<event_log::Log> log, Medium& medium,
                 Planted planted, Random& random)
    : plan_(plan),
      log_(std::move(log)),
      historian_(plan.partitions, plan.settings.key_window),
      audience_(plan, historian_, medium, planted),
      ledger_(plan.settings.key_window),
      clients_(plan, random, ledger_, audience_.readers()) {}

void Witness::look() {
  read();
  report.crashes += audience_.look();
}

void Witness::calm() {
  clients_.calm();
  audience_.calm();
}

void Witness::check_answers() {
  ledger_.check(historian_);
  audience_.check_all();
}

void Witness::check_snapshots(std::span<processor::SnapshotStore* const> stores,
                              schema::Instant now) {
  processor::MemorySnapshots none;
  for (std::uint16_t i = 0; i < plan_.partitions; ++i) {
    const std::string from_log = recovered({i}, none, now);
    for (processor::SnapshotStore* store : stores)
      if (recovered({i}, *store, now) != from_log)
        throw Violation("a snapshot of partition " + std::to_string(i) + " differs from the log");
  }
}

std::string Witness::recovered(schema::Partition partition, processor::SnapshotStore& snapshots,
                               schema::Instant now) {
  processor::MemoryKeys keys({.generation_slots = 64});
  const auto owned = processor::recover(*log_, partition, keys, snapshots, plan_.settings, now);
  if (!owned) throw Violation(owned.error().message);
  std::string bytes;
  domain::write(domain::freeze(*owned->state), [&](std::string_view chunk) {
    bytes.append(chunk);
    return true;
  });
  return bytes;
}

void Witness::conclude() {
  report.commands = clients_.requests();
  report.events = historian_.events();
  report.fingerprint = fingerprint();
}

std::uint64_t Witness::fingerprint() const {
  std::string ends;
  for (std::uint16_t i = 0; i < plan_.partitions; ++i)
    if (historian_.end({i}) != schema::Sequence{})
      ends += historian_.at({{i}, historian_.end({i})}).value;
  std::uint64_t print;
  std::memcpy(&print, sealing::sha256(ends).bytes.data(), sizeof print);
  return print ^ audience_.rows();
}

void Witness::tell_what_happened() {
  for (const auto& [what, times] : audience_.happened()) report.happened[what] += times;
  report.comparisons = audience_.comparisons();
  for (std::uint16_t i = 0; i < plan_.partitions; ++i)
    for (std::uint64_t n = 1; n <= historian_.end({i}).value; ++n)
      ++report.happened[words_for(historian_.at({{i}, {n}}).event)];
}

}  // namespace boxoffice::simulation
