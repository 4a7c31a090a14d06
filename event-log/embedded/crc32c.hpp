#pragma once

#include <cstdint>
#include <string_view>

namespace boxoffice::event_log::embedded {

/// CRC-32C (Castagnoli, as in iSCSI, RFC 3720), by the processor's instruction where it has one.
/// `before` is the checksum of what stands before `bytes`, 0 at the start.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

}  // namespace boxoffice::event_log::embedded
