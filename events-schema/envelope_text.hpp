#pragma once

#include <string_view>

/// What is always the same in the texts of an envelope's members.
namespace boxoffice::schema {

inline constexpr std::string_view kTypePrefix = "boxoffice.";
inline constexpr std::string_view kSourcePrefix = "boxoffice:";
inline constexpr std::string_view kSchemaPrefix = "urn:boxoffice:";
inline constexpr std::size_t kDeploymentLength = 12;
inline constexpr std::size_t kSequenceDigits = 16;

/// Whether it is `boxoffice:<deployment>`.
constexpr bool is_source(std::string_view text) {
  if (!text.starts_with(kSourcePrefix)) return false;
  text.remove_prefix(kSourcePrefix.size());
  if (text.size() != kDeploymentLength) return false;
  for (const char c : text)
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) return false;
  return true;
}

}  // namespace boxoffice::schema
