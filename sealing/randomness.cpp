#include "sealing/randomness.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

class Store {
 public:
  ~Store() { sodium_memzero(bytes_.data(), bytes_.size()); }

  void take(std::span<std::uint8_t> out) {
    if (out.size() > bytes_.size() - used_) {
      randombytes_buf(bytes_.data(), bytes_.size());
      used_ = 0;
    }
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
    sodium_memzero(bytes_.data() + used_, out.size());
    used_ += out.size();
  }

 private:
  std::array<std::uint8_t, 1024> bytes_{};
  std::size_t used_ = bytes_.size();
};

constexpr std::size_t kTakenAtMost = 64;

}  // namespace

void fill_random(std::span<std::uint8_t> out) {
  if (out.size() > kTakenAtMost) return randombytes_buf(out.data(), out.size());
  thread_local Store store;
  store.take(out);
}

std::string random_text() {
  std::array<std::uint8_t, 16> bytes;
  fill_random(bytes);
  // In the form of an id, so that it begins with a letter as all of them do.
  return schema::to_text(schema::Id<struct RandomTag>::from(bytes));
}

}  // namespace boxoffice::sealing
