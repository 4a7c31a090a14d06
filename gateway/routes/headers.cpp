#include "gateway/routes/headers.hpp"

#include <algorithm>

#include "sealing/sealing.hpp"

namespace boxoffice::gateway {

namespace {

constexpr std::size_t kPositionsMax = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }

/// Takes the part before the next comma off `list`.
std::string_view next_of(std::string_view& list) {
  const std::size_t comma = std::min(list.find(','), list.size());
  const std::string_view part = http::trimmed(list.substr(0, comma));
  list.remove_prefix(std::min(list.size(), comma + 1));
  return part;
}

}  // namespace

std::string traceparent_of(const http::Request& request) {
  const std::string_view given = request.header("traceparent");
  constexpr std::string_view kShape = "00-................................-................-..";
  if (given.size() != kShape.size()) return {};
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (kShape[i] == '.' ? !is_lower_hex(given[i]) : given[i] != kShape[i]) return {};
  }
  const bool no_trace = given.substr(3, 32).find_first_not_of('0') == std::string_view::npos;
  const bool no_parent = given.substr(36, 16).find_first_not_of('0') == std::string_view::npos;
  return no_trace || no_parent ? std::string() : std::string(given);
}

std::expected<std::string, KeyError> idempotency_key_of(const http::Request& request,
                                                        bool signed_in) {
  const std::size_t count = request.count("Idempotency-Key");
  if (count == 0) return sealing::random_text();
  const std::string_view given = request.header("Idempotency-Key");
  const bool printable = std::ranges::all_of(given, [](char c) { return c >= ' ' && c <= '~'; });
  if (count > 1 || given.empty() || given.size() > 255 || !printable) {
    return std::unexpected(KeyError::malformed);
  }
  if (!signed_in && given.size() < 16) return std::unexpected(KeyError::weak);
  return std::string(given);
}

std::optional<std::vector<schema::Position>> positions_of(std::string_view text,
                                                          std::uint16_t partitions) {
  std::vector<schema::Position> positions;
  while (!text.empty()) {
    const std::string_view one = next_of(text);
    if (one.empty()) continue;  // lists may have empty elements (RFC 9110, 5.6.1.2)
    const auto position = schema::position_from_text(one);
    if (!position || position->partition.value >= partitions) return std::nullopt;
    if (positions.size() == kPositionsMax) return std::nullopt;
    positions.push_back(*position);
  }
  if (positions.empty()) return std::nullopt;
  return positions;
}

bool is_unencoded(std::string_view content_encoding) {
  while (!content_encoding.empty()) {
    const std::string_view coding = next_of(content_encoding);
    if (!coding.empty() && !http::equal_ignoring_case(coding, "identity")) return false;
  }
  return true;
}

bool is_json(std::string_view content_type, bool merge_patch) {
  const std::size_t semicolon = std::min(content_type.find(';'), content_type.size());
  const std::string_view type = http::trimmed(content_type.substr(0, semicolon));
  const bool known = http::equal_ignoring_case(type, http::kJson) ||
                     (merge_patch && http::equal_ignoring_case(type, http::kMergePatchJson));
  if (!known) return false;
  std::string_view parameters =
      http::trimmed(content_type.substr(std::min(content_type.size(), semicolon + 1)));
  if (parameters.empty()) return true;
  constexpr std::string_view kCharset = "charset=";
  if (parameters.size() <= kCharset.size() ||
      !http::equal_ignoring_case(parameters.substr(0, kCharset.size()), kCharset)) {
    return false;
  }
  std::string_view charset = parameters.substr(kCharset.size());
  if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
    charset = charset.substr(1, charset.size() - 2);
  }
  return http::equal_ignoring_case(charset, "utf-8");
}

}  // namespace boxoffice::gateway
