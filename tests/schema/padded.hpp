#pragma once

#include <string>
#include <string_view>

#include "events-schema/codec.hpp"

namespace boxoffice::schema_test {

/// A text that a Reader may be given: followed by the padding.
class Padded {
 public:
  explicit Padded(std::string_view text) : size_(text.size()), bytes_(text) {
    bytes_.append(schema::kPadding, '\0');
  }
  operator std::string_view() const { return {bytes_.data(), size_}; }  // NOLINT: it is a text

 private:
  std::size_t size_;
  std::string bytes_;
};

}  // namespace boxoffice::schema_test
