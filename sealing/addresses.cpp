// What two spellings of an address have in common.
//
// RFC 5321 leaves the case of a local part to the receiving host; in practice none tells Ada@ from
// ada@, and the rule "one claim an address" must not be had around by a shift key. Tags (ada+x@)
// are kept: whether they name the same mailbox is the host's secret. Quoted local parts and domain
// literals are refused: nobody has them, and they allow any number of spellings.

#include <arpa/inet.h>
#include <idn2.h>
#include <unicase.h>
#include <unictype.h>
#include <unistr.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "sealing/sealing.hpp"

namespace boxoffice::sealing {
namespace {

constexpr std::size_t kAddressBytesMax = 254;  // RFC 5321, 4.5.3.1.3, without the angle brackets
constexpr std::size_t kLocalBytesMax = 64;
constexpr std::size_t kDomainBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;

struct Freed {
  void operator()(void* memory) const { std::free(memory); }
};

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// `atext` and dots of RFC 5321.
bool may_stand_in_local_part(char c) {
  return is_letter_or_digit(c) ||
         std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dotted_well(std::string_view text) {
  return !text.starts_with('.') && !text.ends_with('.') && text.find("..") == text.npos;
}

/// Lower case and NFC, of text with letters beyond ASCII (RFC 6531).
std::optional<std::string> normalized_unicode(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (u8_check(bytes, text.size()) != nullptr) return std::nullopt;

  for (std::size_t at = 0; at < text.size();) {
    ucs4_t character;
    at += static_cast<std::size_t>(u8_mbtouc(&character, bytes + at, text.size() - at));
    // Controls, invisible format characters, what is not assigned, and blanks of every width.
    if (uc_is_general_category_withtable(character, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Z))
      return std::nullopt;
    if (character < 0x80 && !may_stand_in_local_part(static_cast<char>(character)))
      return std::nullopt;
  }

  std::size_t length = 0;
  const std::unique_ptr<std::uint8_t, Freed> lower(
      u8_tolower(bytes, text.size(), nullptr, UNINORM_NFC, nullptr, &length));
  if (!lower) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(lower.get()), length);
}

std::optional<std::string> normalized_local_part(std::string_view text) {
  std::string local;
  if (is_ascii(text)) {
    if (!std::ranges::all_of(text, may_stand_in_local_part)) return std::nullopt;
    local.resize(text.size());
    std::ranges::transform(text, local.begin(), lowered);
  } else if (std::optional<std::string> unicode = normalized_unicode(text)) {
    local = std::move(*unicode);
  }
  if (local.empty() || local.size() > kLocalBytesMax || !is_dotted_well(local)) return std::nullopt;
  return local;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytesMax && !label.starts_with('-') &&
         !label.ends_with('-') &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > kDomainBytesMax) return false;
  while (true) {
    const std::size_t dot = domain.find('.');
    if (!is_label(domain.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    domain.remove_prefix(dot + 1);
  }
}

std::optional<std::string> normalized_domain(std::string_view text) {
  std::string domain(text.size(), '\0');
  std::ranges::transform(text, domain.begin(), lowered);

  if (!is_ascii(domain) || domain.find("xn--") != std::string::npos) {
    if (domain.find('\0') != std::string::npos) return std::nullopt;
    std::uint8_t* ascii = nullptr;
    const int outcome = idn2_lookup_u8(reinterpret_cast<const std::uint8_t*>(domain.c_str()),
                                       &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (outcome != IDN2_OK) return std::nullopt;
    const std::unique_ptr<std::uint8_t, Freed> owned(ascii);
    domain = reinterpret_cast<const char*>(ascii);
  }
  if (!is_domain(domain)) return std::nullopt;
  return domain;
}

}  // namespace

std::optional<std::string> normalized_address(std::string_view text) {
  const std::string_view address = trimmed(text);
  const std::size_t at = address.find('@');
  if (at == std::string_view::npos || address.size() > kAddressBytesMax) return std::nullopt;
  if (address.find('@', at + 1) != std::string_view::npos) return std::nullopt;

  std::optional<std::string> local = normalized_local_part(address.substr(0, at));
  if (!local) return std::nullopt;
  const std::optional<std::string> domain = normalized_domain(address.substr(at + 1));
  if (!domain) return std::nullopt;

  local->append("@").append(*domain);
  if (local->size() > kAddressBytesMax) return std::nullopt;
  return local;
}

std::optional<std::string> normalized_ip(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> buffer;
  if (text.size() >= buffer.size() || text.find('\0') != std::string_view::npos)
    return std::nullopt;
  *std::ranges::copy(text, buffer.begin()).out = '\0';

  // Four decimal numbers without leading zeros: there is no other spelling of an IPv4 address.
  in_addr v4;
  if (inet_pton(AF_INET, buffer.data(), &v4) == 1) return std::string(text);

  in6_addr v6;
  if (inet_pton(AF_INET6, buffer.data(), &v6) != 1) return std::nullopt;
  if (IN6_IS_ADDR_V4MAPPED(&v6))
    return std::string(inet_ntop(AF_INET, &v6.s6_addr[12], buffer.data(), buffer.size()));

  // A subscriber has the lower half to choose from.
  std::fill(std::begin(v6.s6_addr) + 8, std::end(v6.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &v6, buffer.data(), buffer.size());
  return std::string(buffer.data()).append("/64");
}

}  // namespace boxoffice::sealing
