#include <openssl/evp.h>

#include <memory>

#include "event-log/require.hpp"
#include "projections/runner/rebuild.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::size_t kFirstDiffering = 10;

class Counting {
 public:
  Counting() : hash_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    event_log::require(hash_ && EVP_DigestInit_ex(hash_.get(), EVP_sha256(), nullptr) == 1,
                       "OpenSSL has SHA-256");
  }

  void add(std::string_view key, std::string_view value) {
    ++rows_;
    sizes_.clear();
    Packer(sizes_).u32(static_cast<std::uint32_t>(key.size()));
    Packer(sizes_).u32(static_cast<std::uint32_t>(value.size()));
    for (const std::string_view part : {std::string_view(sizes_), key, value})
      EVP_DigestUpdate(hash_.get(), part.data(), part.size());
  }

  Census census() {
    Census census{.rows = rows_};
    EVP_DigestFinal_ex(hash_.get(), census.hash.bytes.data(), nullptr);
    return census;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash_;
  std::uint64_t rows_ = 0;
  std::string sizes_;
};

std::string hex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) (text += kDigits[byte >> 4]) += kDigits[byte & 15];
  return text;
}

std::unexpected<StoreError> stopped() {
  return std::unexpected(StoreError{StoreErrorKind::unavailable, "stopped while counting rows"});
}

}  // namespace

StoreResult<Census> census_of(const Table& table, std::shared_ptr<const Moment> as_of,
                              const std::stop_token& stop) {
  Counting counting;
  RowIterator rows = table.rows(std::move(as_of));
  for (; rows.valid(); rows.next()) {
    if (stop.stop_requested()) return stopped();
    counting.add(rows.key(), rows.value());
  }
  if (auto status = rows.status(); !status) return std::unexpected(std::move(status.error()));
  return counting.census();
}

StoreResult<DiffReport> compare(const Table& live, const Table& rebuilt,
                                std::shared_ptr<const Moment> as_of, const std::stop_token& stop) {
  DiffReport report;
  Counting live_rows;
  Counting rebuilt_rows;
  RowIterator a = live.rows(as_of);
  RowIterator b = rebuilt.rows(as_of);
  const auto differs = [&](std::string_view key) {
    ++report.differing_rows;
    if (report.first_differing.size() < kFirstDiffering) report.first_differing.push_back(hex(key));
  };
  while (a.valid() || b.valid()) {
    if (stop.stop_requested()) return stopped();
    const bool only_a = a.valid() && (!b.valid() || a.key() < b.key());
    const bool only_b = b.valid() && (!a.valid() || b.key() < a.key());
    if (only_a || only_b || a.value() != b.value()) differs(only_b ? b.key() : a.key());
    if (!only_b) {
      live_rows.add(a.key(), a.value());
      a.next();
    }
    if (!only_a) {
      rebuilt_rows.add(b.key(), b.value());
      b.next();
    }
  }
  if (auto status = a.status(); !status) return std::unexpected(std::move(status.error()));
  if (auto status = b.status(); !status) return std::unexpected(std::move(status.error()));
  report.live = live_rows.census();
  report.rebuilt = rebuilt_rows.census();
  return report;
}

}  // namespace boxoffice::projections
