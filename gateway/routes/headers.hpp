#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events-schema/values.hpp"
#include "gateway/http/message.hpp"

/// The headers of the contract, read.
namespace boxoffice::gateway {

/// `traceparent` (W3C Trace Context, version 00), or an empty text where it is absent or malformed.
std::string traceparent_of(const http::Request& request);

enum class KeyError {
  malformed,  ///< empty, longer than 255 characters, not printable ASCII, or given twice
  weak,       ///< of somebody not signed in, shorter than 16: it is a secret then
};
/// `Idempotency-Key`, or a new one where it is absent.
std::expected<std::string, KeyError> idempotency_key_of(const http::Request& request,
                                                        bool signed_in);

/// `Boxoffice-At-Least`: positions in a list. nullopt: malformed, too many, or of a partition that
/// there is not.
std::optional<std::vector<schema::Position>> positions_of(std::string_view text,
                                                          std::uint16_t partitions);

/// Whether a `Content-Encoding` leaves the body as it is: `identity`, or none.
bool is_unencoded(std::string_view content_encoding);

/// `application/json`, with or without a charset of UTF-8; `merge_patch` takes
/// `application/merge-patch+json`, too.
bool is_json(std::string_view content_type, bool merge_patch);

}  // namespace boxoffice::gateway
