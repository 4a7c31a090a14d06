#include "projections/page_cursor.hpp"

#include "events-schema/values.hpp"
#include "projections/store/packed.hpp"

namespace boxoffice::projections {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kCursorTextMax = 128;

}  // namespace

std::string page_cursor(const ListName& list, std::string_view place) {
  std::string bytes;
  Packer(bytes).u8(kVersion).u8(static_cast<std::uint8_t>(list.kind)).u64(list.filter);
  bytes += place;
  return schema::base64url({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

std::optional<std::string> place_from(const ListName& list, std::string_view cursor) {
  if (cursor.size() > kCursorTextMax) return std::nullopt;
  const auto bytes = schema::base64url_decoded(cursor);
  if (!bytes) return std::nullopt;
  Unpacker unpacker(*bytes);
  const bool ours = unpacker.u8() == kVersion &&
                    unpacker.u8() == static_cast<std::uint8_t>(list.kind) &&
                    unpacker.u64() == list.filter;
  if (!ours || !unpacker.ok()) return std::nullopt;
  return std::string(unpacker.rest());
}

}  // namespace boxoffice::projections
